package baton.interop;

import java.util.List;
import java.util.Map;

/**
 * What a step of the Java job does: {"name": …, "does": "complete" | "fail" | "stop"}, or, with "insert" (a statement
 * with one parameter), it writes the numbers 1 to "rows" in chunks of "chunk" and fails at number "fail_at".
 */
record StepPlan(String name, String does, String insert, int rows, int chunk, int failAt) {
  static List<StepPlan> list(Object described) {
    return ((List<?>) described).stream().map(one -> of((Map<?, ?>) one)).toList();
  }

  private static StepPlan of(Map<?, ?> described) {
    Object does = described.get("does");
    return new StepPlan((String) described.get("name"), does == null ? "complete" : (String) does,
        (String) described.get("insert"), number(described, "rows"), number(described, "chunk"),
        number(described, "fail_at"));
  }

  private static int number(Map<?, ?> described, String name) {
    Object value = described.get(name);
    return value == null ? 0 : (Integer) value;
  }

  void write(org.springframework.jdbc.core.JdbcTemplate jdbc, Iterable<? extends Integer> items) {
    for (Integer item : items) {
      if (item == failAt) throw new IllegalStateException("row " + item + " is refused");
      jdbc.update(insert, item);
    }
  }

  List<Integer> items() {
    return java.util.stream.IntStream.rangeClosed(1, rows).boxed().toList();
  }
}
