import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;

/** Calls services over HTTP as ja-micro does. */
final class Client {
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(Duration.ofSeconds(1)).build();

  Value call(String address, String method, Value request, String type, Map<String, Object> headers, long timeoutMs)
      throws IOException, InterruptedException {
    boolean json = type.equals("application/json");
    byte[] body = json ? jsonRequest(method, request) : new Envelope(method, 0, "", request.toProto()).write();
    HttpRequest.Builder builder =
        HttpRequest.newBuilder(URI.create("http://" + address + "/"))
            .timeout(Duration.ofMillis(timeoutMs))
            .header("Connection", "close")
            .header("Content-type", type)
            .header("X-Correlation-Id", UUID.randomUUID().toString())
            .POST(BodyPublishers.ofByteArray(body));
    headers.forEach((name, value) -> builder.header(name.toLowerCase(), value.toString()));
    try {
      HttpResponse<byte[]> answer = http.send(builder.build(), BodyHandlers.ofByteArray());
      return json ? jsonAnswer(answer.body()) : protoAnswer(answer.body());
    } catch (HttpTimeoutException error) {
      throw new CallException(408, error.getMessage(), "interop");
    }
  }

  /** The summary of GET /health. */
  String health(String address) throws IOException, InterruptedException {
    HttpRequest request = HttpRequest.newBuilder(URI.create("http://" + address + "/health")).build();
    HttpResponse<String> answer = http.send(request, BodyHandlers.ofString());
    return String.valueOf(Json.object(Json.parse(answer.body())).get("summary"));
  }

  private static byte[] jsonRequest(String method, Value request) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("id", null);
    fields.put("method", method);
    fields.put("params", Arrays.asList(request.toJson()));
    return Json.write(fields).getBytes(StandardCharsets.UTF_8);
  }

  /** An error that is no object is no error for ja-micro. */
  private static Value jsonAnswer(byte[] body) {
    Map<String, Object> answer = Json.object(Json.parse(new String(body, StandardCharsets.UTF_8)));
    CallException error = CallException.fromJson(answer.get("error"));
    if (error != null) throw error;
    return Value.fromJson(answer.get("result"));
  }

  /** An error text that is no such JSON is no error for ja-micro. */
  private static Value protoAnswer(byte[] body) {
    Envelope answer = Envelope.read(body);
    if (!answer.error().isEmpty()) {
      CallException error = CallException.fromJson(Json.parse(answer.error()));
      if (error != null) throw error;
    }
    return Value.fromProto(answer.payload());
  }
}
