package baton.interop;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.sql.DataSource;
import org.springframework.core.io.ClassPathResource;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.jdbc.datasource.init.ResourceDatabasePopulator;

/**
 * Spring Batch for the tests: a line in is a command as a JSON object, a line out its answer. Each command names its
 * database ("url" as libpq's, "schema") and, where it reads contexts, their format ("contexts").
 */
public final class BatchPeer {
  private static final ObjectMapper json = new ObjectMapper();

  private final Map<String, DataSource> databases = new HashMap<>();
  private final Map<String, Generation> generations = new HashMap<>();

  public static void main(String[] arguments) throws Exception {
    PrintStream answers = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    System.setOut(System.err);  // what a library prints is no answer
    BatchPeer peer = new BatchPeer();
    BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = commands.readLine(); line != null; line = commands.readLine()) {
      answers.println(json.writeValueAsString(peer.answer(line)));
    }
  }

  private Map<String, Object> answer(String line) {
    try {
      return obey(json.readValue(line, new TypeReference<Map<String, Object>>() {}));
    } catch (Exception error) {
      return Map.of("error", error.getClass().getSimpleName() + ": " + error.getMessage());
    }
  }

  private Map<String, Object> obey(Map<String, Object> command) throws Exception {
    String name = (String) command.get("command");
    if (name.equals("hello")) return Map.of("version", Generation.version(), "generation", Generation.NUMBER);
    if (name.equals("schema")) return createSchema(database(command));
    Generation batch = generation(command);
    Explored explored = new Explored(batch);
    return switch (name) {
      case "explore" -> explored.job((String) command.get("job"));
      case "key" -> Map.of("key", batch.key(parameters(command)));
      case "find" -> Map.of("found", batch.finds((String) command.get("job"), parameters(command)));
      case "run" -> explored.execution(batch.run(jobOf(command, batch), parameters(command)));
      case "restart" -> {
        jobOf(command, batch);
        yield explored.execution(batch.restart(id(command)));
      }
      case "leave_started" -> explored.execution(
          batch.leaveStarted((String) command.get("job"), (String) command.get("step"), parameters(command)));
      case "stop" -> Map.of("sent", batch.stop(id(command)));
      case "abandon" -> explored.execution(batch.abandon(id(command)));
      case "recover" -> explored.execution(batch.recover(id(command)));
      default -> throw new IllegalArgumentException("no command " + name);
    };
  }

  private static Map<String, Object> createSchema(DataSource database) {
    new ResourceDatabasePopulator(new ClassPathResource("org/springframework/batch/core/schema-postgresql.sql"))
        .execute(database);
    return new LinkedHashMap<>();
  }

  private DataSource database(Map<String, Object> command) {
    String schema = (String) command.get("schema");
    return databases.computeIfAbsent(command.get("url") + "|" + schema, key -> {
      URI url = URI.create((String) command.get("url"));
      String[] person = url.getUserInfo().split(":", 2);
      return new DriverManagerDataSource("jdbc:postgresql://" + url.getHost() + ":" + url.getPort() + url.getPath()
          + "?currentSchema=" + schema, person[0], person[1]);
    });
  }

  private Generation generation(Map<String, Object> command) throws Exception {
    String contexts = (String) command.getOrDefault("contexts", "base64-java");
    String key = command.get("url") + "|" + command.get("schema") + "|" + contexts;
    Generation known = generations.get(key);
    if (known == null) {
      known = new Generation(database(command), contexts);
      generations.put(key, known);
    }
    return known;
  }

  private static org.springframework.batch.core.job.AbstractJob jobOf(Map<String, Object> command, Generation batch)
      throws Exception {
    return batch.job((String) command.get("job"), StepPlan.list(command.get("steps")));
  }

  private static List<Parameter> parameters(Map<String, Object> command) throws ClassNotFoundException {
    List<Parameter> parameters = new ArrayList<>();
    for (Object described : (List<?>) command.getOrDefault("parameters", List.of())) {
      parameters.add(Parameter.of(json.convertValue(described, new TypeReference<Map<String, Object>>() {})));
    }
    return parameters;
  }

  private static long id(Map<String, Object> command) {
    return ((Number) command.get("id")).longValue();
  }
}
