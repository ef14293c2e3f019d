import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The message Value of interop.proto, in protobuf and in the JSON that protobuf's own library for Java writes. */
record Value(String text, long number, byte[] data, List<String> words, boolean flag, double ratio) {
  static final Value EMPTY = new Value("", 0, new byte[0], List.of(), false, 0);

  static Value ofText(String text) {
    return new Value(text, 0, new byte[0], List.of(), false, 0);
  }

  /** From JSON: fields may be absent, an integer of 64 bits may be text. */
  static Value fromJson(Object json) {
    Map<String, Object> fields = Json.object(json);
    List<String> words = new ArrayList<>();
    if (fields.get("words") instanceof List<?> list) for (Object word : list) words.add((String) word);
    Object number = fields.get("number");
    return new Value(
        (String) fields.getOrDefault("text", ""),
        number == null ? 0 : Long.parseLong(number.toString()),
        Base64.getDecoder().decode((String) fields.getOrDefault("data", "")),
        words,
        Boolean.TRUE.equals(fields.get("flag")),
        fields.get("ratio") instanceof Number ratio ? ratio.doubleValue() : 0);
  }

  /** As JSON without default values, with integers of 64 bits as text. */
  Map<String, Object> toJson() {
    Map<String, Object> fields = new LinkedHashMap<>();
    if (!text.isEmpty()) fields.put("text", text);
    if (number != 0) fields.put("number", Long.toString(number));
    if (data.length > 0) fields.put("data", Base64.getEncoder().encodeToString(data));
    if (!words.isEmpty()) fields.put("words", words);
    if (flag) fields.put("flag", true);
    if (ratio != 0) fields.put("ratio", ratio);
    return fields;
  }

  /** As protobuf without default values. */
  byte[] toProto() {
    ProtoWriter out = new ProtoWriter();
    if (!text.isEmpty()) out.bytes(1, text.getBytes(StandardCharsets.UTF_8));
    if (number != 0) out.varint(2, number);
    if (data.length > 0) out.bytes(3, data);
    for (String word : words) out.bytes(4, word.getBytes(StandardCharsets.UTF_8));
    if (flag) out.varint(5, 1);
    if (ratio != 0) out.fixed64(6, Double.doubleToLongBits(ratio));
    return out.toByteArray();
  }

  static Value fromProto(byte[] bytes) {
    String text = "";
    long number = 0;
    byte[] data = new byte[0];
    List<String> words = new ArrayList<>();
    boolean flag = false;
    double ratio = 0;
    ProtoReader in = new ProtoReader(bytes);
    while (in.nextField()) {
      switch (in.field()) {
        case 1 -> text = in.text();
        case 2 -> number = in.number();
        case 3 -> data = in.bytes();
        case 4 -> words.add(in.text());
        case 5 -> flag = in.number() != 0;
        case 6 -> ratio = Double.longBitsToDouble(in.number());
        default -> {} // unknown fields are passed over
      }
    }
    return new Value(text, number, data, words, flag, ratio);
  }
}
