import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.zip.Deflater;

/** Registers at a Consul agent and looks up there, as ja-micro does. */
final class Consul {
  private static final int BEAT_SECONDS = 10;
  private final HttpClient http = HttpClient.newHttpClient();
  private final ScheduledExecutorService beats = Executors.newSingleThreadScheduledExecutor();
  private final String agent;
  private final String id;

  Consul(String agent, String id) {
    this.agent = agent;
    this.id = id;
  }

  void register(String name, int port) throws IOException, InterruptedException {
    List<Object> tags = new ArrayList<>();
    Map<String, String> metadata = new LinkedHashMap<>();
    metadata.put("type", name.substring(name.lastIndexOf('.') + 1));
    metadata.put("transport", "http");
    metadata.put("broker", "http");
    metadata.put("server", "rpc");
    metadata.put("registry", "consul");
    metadata.forEach((key, value) -> tags.add("t-" + encoded(Json.write(Map.of(key, value)))));
    for (String method : List.of("Say", "Nothing", "Fail", "Slow", "Header")) tags.add("e-" + encoded(endpoint(method)));
    tags.add("v-" + encoded("1.0.0"));
    Map<String, Object> check = new LinkedHashMap<>();
    check.put("TTL", "12s");
    check.put("DeregisterCriticalServiceAfter", "5m");
    Map<String, Object> service = new LinkedHashMap<>();
    service.put("ID", id);
    service.put("Name", name);
    service.put("Tags", tags);
    service.put("Address", "127.0.0.1");
    service.put("Port", port);
    service.put("Check", check);
    put("/v1/agent/service/register", Json.write(service));
    pass();
    beats.scheduleAtFixedRate(this::pass, BEAT_SECONDS, BEAT_SECONDS, TimeUnit.SECONDS);
  }

  void deregister() {
    beats.shutdownNow();
    put("/v1/agent/service/deregister/" + id, "");
  }

  /** The nodes whose checks all pass. */
  List<Object> nodes(String name) throws IOException, InterruptedException {
    HttpRequest request = HttpRequest.newBuilder(uri("/v1/health/service/" + name + "?stale")).build();
    List<Object> nodes = new ArrayList<>();
    if (!(Json.parse(http.send(request, BodyHandlers.ofString()).body()) instanceof List<?> entries)) return nodes;
    for (Object entry : entries) {
      Map<String, Object> fields = Json.object(entry);
      boolean passing = true;
      for (Object check : (List<?>) fields.get("Checks"))
        passing &= "passing".equals(Json.object(check).get("Status"));
      Map<String, Object> service = Json.object(fields.get("Service"));
      if (!passing) continue;
      Map<String, Object> node = new LinkedHashMap<>();
      node.put("id", service.get("ID"));
      node.put("address", service.get("Address") + ":" + service.get("Port"));
      nodes.add(node);
    }
    return nodes;
  }

  private void pass() {
    put("/v1/agent/check/pass/service:" + id, "");
  }

  private void put(String path, String body) {
    try {
      HttpRequest request = HttpRequest.newBuilder(uri(path)).PUT(BodyPublishers.ofString(body)).build();
      int status = http.send(request, BodyHandlers.discarding()).statusCode();
      if (status != 200) System.err.println(path + " is answered with " + status);
    } catch (IOException error) {
      System.err.println(path + " failed: " + error);
    } catch (InterruptedException error) {
      Thread.currentThread().interrupt();
    }
  }

  private URI uri(String path) {
    return URI.create("http://" + agent + path);
  }

  private static String endpoint(String method) {
    Map<String, Object> message = new LinkedHashMap<>();
    message.put("name", "Value");
    message.put("type", "Value");
    message.put("values", List.of());
    Map<String, Object> endpoint = new LinkedHashMap<>();
    endpoint.put("name", "Echo." + method);
    endpoint.put("request", message);
    endpoint.put("response", message);
    endpoint.put("metadata", Map.of("stream", "false"));
    return Json.write(endpoint);
  }

  /** What stands in a tag: the text, deflated, in hexadecimal digits. */
  private static String encoded(String text) {
    Deflater deflater = new Deflater();
    deflater.setInput(text.getBytes());
    deflater.finish();
    byte[] buffer = new byte[4_096];
    StringBuilder digits = new StringBuilder();
    while (!deflater.finished()) {
      int length = deflater.deflate(buffer);
      for (int i = 0; i < length; i++) digits.append(String.format("%02x", buffer[i]));
    }
    deflater.end();
    return digits.toString();
  }
}
