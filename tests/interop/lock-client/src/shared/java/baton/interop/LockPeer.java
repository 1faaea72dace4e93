package baton.interop;

import com.amazonaws.services.dynamodbv2.AcquireLockOptions;
import com.amazonaws.services.dynamodbv2.AmazonDynamoDBLockClient;
import com.amazonaws.services.dynamodbv2.AmazonDynamoDBLockClientOptions.AmazonDynamoDBLockClientOptionsBuilder;
import com.amazonaws.services.dynamodbv2.GetLockOptions;
import com.amazonaws.services.dynamodbv2.LockItem;
import com.amazonaws.services.dynamodbv2.ReleaseLockOptions;
import com.amazonaws.services.dynamodbv2.model.LockNotGrantedException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * AWS's lock client for the tests: a line in is a command as a JSON object, a line out its answer. Durations are in
 * milliseconds. Baton's side, baton_lock_peer.cpp, obeys the same commands.
 */
public final class LockPeer {
  private static final ObjectMapper json = new ObjectMapper();
  private static final Logger root = Logger.getLogger("");

  private final Map<String, LockItem> held = new HashMap<>();
  private AmazonDynamoDBLockClient client;
  private Optional<String> sort = Optional.empty();
  private long refresh;
  private Contention contention;

  public static void main(String[] arguments) throws Exception {
    PrintStream answers = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    System.setOut(System.err);  // what a library prints is no answer
    root.setLevel(Level.SEVERE);
    LockPeer peer = new LockPeer();
    BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = commands.readLine(); line != null; line = commands.readLine()) {
      answers.println(json.writeValueAsString(peer.answer(line)));
    }
    System.exit(0);
  }

  private Map<String, Object> answer(String line) {
    try {
      return obey(json.readValue(line, new TypeReference<Map<String, Object>>() {}));
    } catch (Exception error) {
      return Map.of("error", error.getClass().getSimpleName() + ": " + error.getMessage());
    }
  }

  private Map<String, Object> obey(Map<String, Object> command) throws Exception {
    String name = text(command, "command");
    return switch (name) {
      case "hello" -> Map.of("side", "java", "generation", Generation.NUMBER, "version", version());
      case "open" -> open(command);
      case "acquire" -> acquire(command);
      case "acquire_all" -> acquireAll(command);
      case "release" -> release(command);
      case "get" -> get(command);
      case "list" -> Map.of("locks", client.getAllLocksFromDynamoDB(false).map(LockPeer::described).toList());
      case "contend" -> contend(command);
      case "end_contention" -> Map.of("holds", contention.end());
      default -> throw new IllegalArgumentException("no command " + name);
    };
  }

  private static String version() throws IOException {
    Properties about = new Properties();
    try (InputStream file = LockItem.class.getResourceAsStream(
        "/META-INF/maven/com.amazonaws/dynamodb-lock-client/pom.properties")) {
      about.load(file);
    }
    return about.getProperty("version");
  }

  private Map<String, Object> open(Map<String, Object> command) {
    refresh = number(command, "refresh");
    AmazonDynamoDBLockClientOptionsBuilder options =
        Generation.options(text(command, "endpoint"), text(command, "table"), text(command, "owner"))
            .withTimeUnit(TimeUnit.MILLISECONDS)
            .withLeaseDuration(number(command, "lease"))
            .withHeartbeatPeriod(number(command, "heartbeat"))
            .withPartitionKeyName(text(command, "partition_key"))
            .withCreateHeartbeatBackgroundThread(true);
    if (command.containsKey("sort_key")) {
      options.withSortKeyName(text(command, "sort_key"));
      sort = Optional.of(text(command, "sort_value"));
    }
    client = new AmazonDynamoDBLockClient(options.build());
    return Map.of();
  }

  private AcquireLockOptions.AcquireLockOptionsBuilder toAcquire(String key) {
    AcquireLockOptions.AcquireLockOptionsBuilder options = AcquireLockOptions.builder(key)
        .withTimeUnit(TimeUnit.MILLISECONDS).withRefreshPeriod(refresh);
    sort.ifPresent(options::withSortKey);
    return options;
  }

  /** "wait": beyond the lease that is found in the item, as the lock client counts it. */
  private Map<String, Object> acquire(Map<String, Object> command) throws InterruptedException {
    AcquireLockOptions.AcquireLockOptionsBuilder options =
        toAcquire(text(command, "key")).withAdditionalTimeToWaitForLock(number(command, "wait"));
    if (command.containsKey("data")) {
      options.withData(ByteBuffer.wrap(text(command, "data").getBytes(StandardCharsets.UTF_8)));
    }
    try {
      LockItem lock = client.acquireLock(options.build());
      held.put(lock.getPartitionKey(), lock);
      return Map.of("held", true);
    } catch (LockNotGrantedException refused) {
      return Map.of("held", false, "why", String.valueOf(refused.getMessage()));
    }
  }

  /** As many locks as asked for, one after the other, as the client's only way is. */
  private Map<String, Object> acquireAll(Map<String, Object> command) throws InterruptedException {
    long count = number(command, "count");
    long began = System.nanoTime();
    for (long i = 0; i < count; ++i) client.acquireLock(toAcquire(text(command, "prefix") + i).build());
    return Map.of("held", count, "nanoseconds", System.nanoTime() - began);
  }

  private Map<String, Object> release(Map<String, Object> command) {
    ReleaseLockOptions options = ReleaseLockOptions.builder(held.remove(text(command, "key")))
        .withDeleteLock((Boolean) command.getOrDefault("delete", false)).build();
    return Map.of("released", client.releaseLock(options));
  }

  /** The item as it is in the table, and what getLock makes of it: nothing where it is released. */
  private Map<String, Object> get(Map<String, Object> command) {
    String key = text(command, "key");
    GetLockOptions.GetLockOptionsBuilder options = GetLockOptions.builder(key);
    sort.ifPresent(options::withSortKey);
    Map<String, Object> answer = new HashMap<>();
    client.getLockFromDynamoDB(options.build()).ifPresent(lock -> answer.put("lock", described(lock)));
    client.getLock(key, sort).ifPresent(lock -> answer.put("holder", lock.getOwnerName()));
    return answer;
  }

  private Map<String, Object> contend(Map<String, Object> command) {
    List<?> keys = (List<?>) command.get("keys");
    contention = new Contention(client, this::toAcquire, keys.stream().map(Object::toString).toList(),
        text(command, "name"), (int) number(command, "witness"), (int) number(command, "long_of_ten"));
    contention.begin((int) number(command, "threads"), number(command, "lease"));
    return Map.of();
  }

  private static Map<String, Object> described(LockItem lock) {
    Map<String, Object> all = new HashMap<>(Map.of("key", lock.getPartitionKey(), "owner", lock.getOwnerName(),
        "lease", lock.getLeaseDuration(), "version", lock.getRecordVersionNumber(),
        "released", lock.isExpired()));  // an item that was just read is expired where it is released, and only there
    lock.getData().ifPresent(data -> all.put("data", StandardCharsets.UTF_8.decode(data.duplicate()).toString()));
    return all;
  }

  private static String text(Map<String, Object> command, String name) {
    return (String) command.get(name);
  }

  private static long number(Map<String, Object> command, String name) {
    return ((Number) command.get(name)).longValue();
  }
}
