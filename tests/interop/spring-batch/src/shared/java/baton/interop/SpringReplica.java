package baton.interop;

import com.amazonaws.services.dynamodbv2.AcquireLockOptions;
import com.amazonaws.services.dynamodbv2.AmazonDynamoDBLockClient;
import com.amazonaws.services.dynamodbv2.AmazonDynamoDBLockClientOptions;
import com.amazonaws.services.dynamodbv2.CreateDynamoDBTableOptions;
import com.amazonaws.services.dynamodbv2.LockItem;
import com.amazonaws.services.dynamodbv2.model.LockCurrentlyUnavailableException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.springframework.batch.core.job.*;
import org.springframework.batch.core.*;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.io.ClassPathResource;
import org.springframework.core.io.support.ResourcePropertySource;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.jdbc.datasource.init.ResourceDatabasePopulator;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.ProvisionedThroughput;

/**
 * A replica before it is Baton's: AWS's lock client says which jobs it owns, as many as it has tokens, and Spring Batch
 * runs them, each with a fixed delay, until SIGTERM. A run that is under way then ends first. Each job loads the lines
 * "id,price" of the file of its name into the table of its name. SpringReplica application.properties
 */
public final class SpringReplica {
  private static final int chunk = 20;

  private final StandardEnvironment settings = new StandardEnvironment();
  private final CountDownLatch leaving = new CountDownLatch(1);
  private final List<Thread> tokens = new ArrayList<>();
  private final AmazonDynamoDBLockClient locks;
  private final Generation batch;
  private final JdbcTemplate jdbc;

  public static void main(String[] arguments) throws Exception {
    Logger.getLogger("").setLevel(Level.SEVERE);
    SpringReplica replica = new SpringReplica(arguments[0]);
    Runtime.getRuntime().addShutdownHook(new Thread(replica::leave));
    replica.begin();
  }

  private SpringReplica(String properties) throws Exception {
    settings.getPropertySources().addLast(new ResourcePropertySource("file:" + properties));
    DriverManagerDataSource database = new DriverManagerDataSource(text("spring.datasource.url"),
        text("spring.datasource.hikari.username"), text("spring.datasource.hikari.password"));
    if (text("spring.batch.jdbc.initialize-schema").equals("always")) createSchemaAsBootDoes(database);
    batch = new Generation(database, "base64-java");
    jdbc = new JdbcTemplate(database);
    // Its endpoint is $AWS_ENDPOINT_URL_DYNAMODB where that is set.
    DynamoDbClient service = DynamoDbClient.builder()
        .region(Region.of(text("dynamodb.region")))
        .credentialsProvider(StaticCredentialsProvider.create(
            AwsBasicCredentials.create(text("dynamodb.accesskey"), text("dynamodb.secretkey"))))
        .build();
    locks = new AmazonDynamoDBLockClient(AmazonDynamoDBLockClientOptions.builder(service, text("dynamodb.tablename"))
        .withPartitionKeyName(text("dynamodb.partitionKey"))
        .withOwnerName(text("scale-poc.pod") + "-" + UUID.randomUUID())
        .withTimeUnit(TimeUnit.MILLISECONDS)
        .withLeaseDuration(milliseconds("scale-poc.lease-ms"))
        .withHeartbeatPeriod(milliseconds("scale-poc.heartbeat-ms"))
        .withCreateHeartbeatBackgroundThread(true)
        .build());
    if (!locks.lockTableExists()) createLockTable(service);
  }

  /** What is there already is left as it is. */
  private static void createSchemaAsBootDoes(DriverManagerDataSource database) {
    ResourceDatabasePopulator script =
        new ResourceDatabasePopulator(new ClassPathResource("org/springframework/batch/core/schema-postgresql.sql"));
    script.setContinueOnError(true);
    script.execute(database);
  }

  private void createLockTable(DynamoDbClient service) {
    ProvisionedThroughput throughput =
        ProvisionedThroughput.builder().readCapacityUnits(10L).writeCapacityUnits(10L).build();
    AmazonDynamoDBLockClient.createLockTableInDynamoDB(
        CreateDynamoDBTableOptions.builder(service, throughput, text("dynamodb.tablename"))
            .withPartitionKeyName(text("dynamodb.partitionKey"))
            .build());
  }

  private String text(String key) {
    return settings.getRequiredProperty(key);
  }

  private long milliseconds(String key) {
    return settings.getRequiredProperty(key, Long.class);
  }

  private void begin() {
    say("started");
    for (int i = 0; i < settings.getRequiredProperty("token", Integer.class); ++i) {
      Thread token = new Thread(this::useToken);
      tokens.add(token);
      token.start();
    }
  }

  private void leave() {
    leaving.countDown();
    try {
      for (Thread token : tokens) token.join();
      locks.close();
    } catch (Exception error) {
      say("leaves badly: " + error);
    }
    say("left");
  }

  private void say(String words) {
    System.err.println(text("scale-poc.pod") + " " + words);
  }

  /** False once this replica leaves. */
  private boolean pause(long milliseconds) throws InterruptedException {
    return !leaving.await(milliseconds, TimeUnit.MILLISECONDS);
  }

  private void useToken() {
    try {
      while (pause(milliseconds("scale-poc.refresh-ms"))) {
        for (String job : text("scale-poc.jobs").split(",")) {
          Optional<LockItem> lock = take(job);
          if (lock.isPresent()) own(job, lock.get());
        }
      }
    } catch (InterruptedException ended) {
      say("was interrupted");
    }
  }

  private Optional<LockItem> take(String job) throws InterruptedException {
    if (leaving.getCount() == 0) return Optional.empty();
    try {
      return locks.tryAcquireLock(AcquireLockOptions.builder(job).withShouldSkipBlockingWait(true).build());
    } catch (LockCurrentlyUnavailableException held) {
      return Optional.empty();
    }
  }

  private void own(String job, LockItem lock) throws InterruptedException {
    say("owns " + job);
    do {
      try {
        JobExecution execution = run(job, lock);
        say(job + " " + execution.getStatus() + ", execution " + execution.getId());
      } catch (Exception error) {
        say(job + " did not run: " + error);
      }
    } while (!lock.isExpired() && pause(milliseconds("scale-poc.fixed-delay-ms")));
    say((locks.releaseLock(lock) ? "released " : "lost ") + job);
  }

  private JobExecution run(String job, LockItem lock) throws Exception {
    String insert = "INSERT INTO public." + job + " (id, price) VALUES (?, ?) "
        + "ON CONFLICT (id) DO UPDATE SET price = excluded.price";
    List<String> lines = Files.readAllLines(Path.of(text("scale-poc.input"), job + ".csv"));
    batch.loadJob(job, chunk, lines.subList(1, lines.size()), items -> {
      if (lock.isExpired()) throw new IllegalStateException("the lock of " + job + " has expired");
      for (String line : items) {
        String[] fields = line.split(",");
        jdbc.update(insert, Integer.valueOf(fields[0]), Integer.valueOf(fields[1]));
      }
    });
    return batch.goOn(job);
  }
}
