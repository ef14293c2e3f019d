import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * A proto-rpc body as ja-micro writes it: two frames with big-endian lengths, the envelope and the payload, and no field of the envelope
 * that has its default value.
 */
record Envelope(String method, long sequence, String error, byte[] payload) {
  private static final int LONGEST_ENVELOPE = 1_000;
  private static final int LONGEST_PAYLOAD = 10_000_000;

  byte[] write() {
    ProtoWriter out = new ProtoWriter();
    if (!method.isEmpty()) out.bytes(1, method.getBytes(StandardCharsets.UTF_8));
    if (sequence != 0) out.fixed64(2, sequence);
    if (!error.isEmpty()) out.bytes(3, error.getBytes(StandardCharsets.UTF_8));
    byte[] envelope = out.toByteArray();
    return ByteBuffer.allocate(8 + envelope.length + payload.length)
        .putInt(envelope.length)
        .put(envelope)
        .putInt(payload.length)
        .put(payload)
        .array();
  }

  static Envelope read(byte[] body) {
    ByteBuffer in = ByteBuffer.wrap(body);
    ProtoReader fields = new ProtoReader(frame(in, 1, LONGEST_ENVELOPE));
    String method = "";
    String error = "";
    long sequence = 0;
    while (fields.nextField()) {
      switch (fields.field()) {
        case 1 -> method = fields.text();
        case 2 -> sequence = fields.number();
        case 3 -> error = fields.text();
        default -> {}
      }
    }
    return new Envelope(method, sequence, error, frame(in, 0, LONGEST_PAYLOAD));
  }

  private static byte[] frame(ByteBuffer in, int shortest, int longest) {
    int length = in.getInt();
    if (length < shortest || length > longest) throw new IllegalArgumentException("a frame of " + length + " bytes");
    byte[] bytes = new byte[length];
    in.get(bytes);
    return bytes;
  }
}
