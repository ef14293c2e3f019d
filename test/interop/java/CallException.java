import java.util.LinkedHashMap;
import java.util.Map;

/** The error of ja-micro: an object with a category, which is an HTTP code. */
final class CallException extends RuntimeException {
  private static final long serialVersionUID = 1;
  final int category;
  final String source;

  CallException(int category, String message, String source) {
    super(message);
    this.category = category;
    this.source = source;
  }

  Map<String, Object> toJson() {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("category", category);
    fields.put("message", getMessage());
    fields.put("source", source);
    fields.put("code", null);
    fields.put("data", null);
    fields.put("retriable", false);
    return fields;
  }

  /** Reads an error as ja-micro does: an object with `category`, or else a numeric `code`, and `message`, or else `detail`; or null. */
  static CallException fromJson(Object json) {
    Map<String, Object> fields = Json.object(json);
    Object category = fields.getOrDefault("category", fields.get("code"));
    Object message = fields.getOrDefault("message", fields.get("detail"));
    if (!(category instanceof Long code) || message == null) return null;
    Object source = fields.getOrDefault("source", fields.get("id"));
    return new CallException(code.intValue(), message.toString(), source == null ? "" : source.toString());
  }
}
