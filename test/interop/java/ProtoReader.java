import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Reads the fields of a protobuf message one after the other. */
final class ProtoReader {
  private final ByteBuffer in;
  private int field;
  private long number;
  private byte[] bytes = new byte[0];

  ProtoReader(byte[] bytes) {
    in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  boolean nextField() {
    if (!in.hasRemaining()) return false;
    long tag = raw();
    field = (int) (tag >>> 3);
    switch ((int) (tag & 7)) {
      case 0 -> number = raw();
      case 1 -> number = in.getLong();
      case 2 -> {
        bytes = new byte[(int) raw()];
        in.get(bytes);
      }
      case 5 -> number = in.getInt();
      default -> throw new IllegalArgumentException("protobuf: wire type " + (tag & 7));
    }
    return true;
  }

  int field() {
    return field;
  }

  long number() {
    return number;
  }

  byte[] bytes() {
    return bytes;
  }

  String text() {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private long raw() {
    long value = 0;
    for (int shift = 0; ; shift += 7) {
      byte each = in.get();
      value |= (long) (each & 0x7f) << shift;
      if (each >= 0) return value;
    }
  }
}
