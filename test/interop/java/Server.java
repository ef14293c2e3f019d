import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;

/** Serves Echo over HTTP as ja-micro does. */
final class Server {
  private final HttpServer http;
  /** Whether the category of an error is also the status of the answer; by default it is 200. */
  private final boolean exposesErrors;

  Server(boolean exposesErrors) throws IOException {
    this.exposesErrors = exposesErrors;
    http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    http.setExecutor(Executors.newCachedThreadPool());
    http.createContext("/", this::serve);
    http.start();
  }

  int port() {
    return http.getAddress().getPort();
  }

  void stop() {
    http.stop(0);
  }

  private void serve(HttpExchange exchange) throws IOException {
    try (exchange) {
      String path = exchange.getRequestURI().getPath();
      if (path.equals("/health")) answer(exchange, 200, "{\"summary\":\"OK\",\"details\":[]}".getBytes());
      else if (!path.equals("/")) answer(exchange, 404, new byte[0]);
      else if (!exchange.getRequestMethod().equals("POST")) answer(exchange, 200, new byte[0]);
      else call(exchange);
    }
  }

  private void call(HttpExchange exchange) throws IOException {
    byte[] body = exchange.getRequestBody().readAllBytes();
    String type = exchange.getRequestHeaders().getFirst("Content-Type");
    if (type != null && (type.startsWith("application/proto") || type.startsWith("application/octet-stream"))) {
      proto(exchange, body);
    } else if (type != null && type.startsWith("application/json")) {
      json(exchange, body);
    } else {
      answer(exchange, 400, new byte[0]);
    }
  }

  private void proto(HttpExchange exchange, byte[] body) throws IOException {
    Envelope request = Envelope.read(body);
    try {
      Value value = handle(exchange, request.method(), Value.fromProto(request.payload()), 500);
      exchange.getResponseHeaders().set("Content-Type", "application/octet-stream");
      answer(exchange, 200, new Envelope(request.method(), request.sequence(), "", value.toProto()).write());
    } catch (CallException error) {
      String text = Json.write(error.toJson());
      byte[] answer = new Envelope(request.method(), request.sequence(), text, new byte[0]).write();
      answer(exchange, statusOf(error), answer);
    }
  }

  private void json(HttpExchange exchange, byte[] body) throws IOException {
    Map<String, Object> answer = new LinkedHashMap<>();
    int status = 200;
    try {
      Map<String, Object> request = parsed(body);
      answer.put("id", request.getOrDefault("id", -1L));
      Object first = request.get("params") instanceof List<?> params && !params.isEmpty() ? params.get(0) : null;
      Value value = handle(exchange, String.valueOf(request.get("method")), Value.fromJson(first), 400);
      answer.put("error", null);
      answer.put("result", value.toJson());
      exchange.getResponseHeaders().set("Content-Type", "application/json");
    } catch (CallException error) {
      if (error.category == 400) answer.clear();
      answer.put("error", error.toJson());
      status = statusOf(error);
    } catch (IllegalStateException error) { // what a handler did not expect travels as a text
      answer.put("error", error.getMessage());
      answer.put("result", null);
    }
    answer(exchange, status, Json.write(answer).getBytes(StandardCharsets.UTF_8));
  }

  private static Map<String, Object> parsed(byte[] body) {
    try {
      return Json.object(Json.parse(new String(body, StandardCharsets.UTF_8)));
    } catch (RuntimeException error) {
      throw new CallException(400, "unreadable JSON: " + error.getMessage(), "interop");
    }
  }

  private Value handle(HttpExchange exchange, String method, Value request, int unknown) {
    switch (method) {
      case "Echo.Say":
        return request;
      case "Echo.Nothing":
        return Value.EMPTY;
      case "Echo.Fail":
        if (request.number() != 0) throw new CallException((int) request.number(), request.text(), "interop");
        if (isProto(exchange)) throw new CallException(500, request.text(), "interop");
        throw new IllegalStateException(request.text());
      case "Echo.Slow":
        sleep(request.number());
        return Value.ofText("done");
      case "Echo.Header":
        String header = exchange.getRequestHeaders().getFirst(request.text());
        return Value.ofText(header == null ? "" : header);
      default:
        throw new CallException(unknown, "Invalid method: " + method, "interop");
    }
  }

  private static boolean isProto(HttpExchange exchange) {
    return !exchange.getRequestHeaders().getFirst("Content-Type").startsWith("application/json");
  }

  private int statusOf(CallException error) {
    List<Integer> known = Arrays.asList(400, 401, 403, 404, 409, 500, 501, 504);
    return exposesErrors && known.contains(error.category) ? error.category : 200;
  }

  private static void sleep(long ms) {
    try {
      Thread.sleep(ms);
    } catch (InterruptedException error) {
      Thread.currentThread().interrupt();
    }
  }

  private static void answer(HttpExchange exchange, int status, byte[] body) throws IOException {
    boolean head = exchange.getRequestMethod().equals("HEAD");
    exchange.sendResponseHeaders(status, head || body.length == 0 ? -1 : body.length);
    if (!head) exchange.getResponseBody().write(body);
  }
}
