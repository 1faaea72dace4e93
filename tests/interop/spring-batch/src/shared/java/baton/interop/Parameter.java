package baton.interop;

import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.util.Map;

/** A job parameter of either generation. */
record Parameter(String name, Class<?> type, Object value, boolean identifying) {
  /** {"name": …, "type": a class of java.lang or java.time, "value": as text, "identifying": …} */
  static Parameter of(Map<String, Object> described) throws ClassNotFoundException {
    String type = (String) described.getOrDefault("type", "java.lang.String");
    boolean identifying = (Boolean) described.getOrDefault("identifying", true);
    return new Parameter((String) described.get("name"), Class.forName(type),
        value(type, (String) described.get("value")), identifying);
  }

  private static Object value(String type, String text) {
    return switch (type) {
      case "java.lang.String" -> text;
      case "java.lang.Long" -> Long.valueOf(text);
      case "java.lang.Integer" -> Integer.valueOf(text);
      case "java.lang.Double" -> Double.valueOf(text);
      case "java.lang.Boolean" -> Boolean.valueOf(text);
      case "java.time.LocalDate" -> LocalDate.parse(text);
      case "java.time.LocalTime" -> LocalTime.parse(text);
      case "java.time.LocalDateTime" -> LocalDateTime.parse(text);
      default -> throw new IllegalArgumentException("parameter type " + type);
    };
  }
}
