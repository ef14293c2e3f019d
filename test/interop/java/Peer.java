import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * A service and a client that speak as ja-micro does, with what the JDK has. Flags: --server_name, --registry=consul with
 * --registry_address, --expose_errors_http; others are passed over. It takes the commands of test/interop/go/peer/commands.go on stdin, those
 * that ja-micro can do: call, health and nodes.
 */
public final class Peer {
  private static final PrintStream OUT = new PrintStream(System.out, true, StandardCharsets.UTF_8);
  private static final Random RANDOM = new Random();
  private static final Client CLIENT;

  static {
    System.setProperty("jdk.httpclient.allowRestrictedHeaders", "connection");
    CLIENT = new Client();
  }

  public static void main(String[] arguments) throws Exception {
    Map<String, String> flags = new LinkedHashMap<>();
    for (String argument : arguments) {
      String[] parts = argument.split("=", 2);
      flags.put(parts[0], parts.length > 1 ? parts[1] : "");
    }
    Server server = new Server(flags.containsKey("--expose_errors_http"));
    Consul consul = null;
    if ("consul".equals(flags.get("--registry"))) {
      String id = UUID.randomUUID().toString().substring(0, 12);
      consul = new Consul(flags.get("--registry_address"), id);
      consul.register(flags.get("--server_name"), server.port());
      Runtime.getRuntime().addShutdownHook(new Thread(consul::deregister));
    }
    print(fields("event", "serving", "address", "127.0.0.1:" + server.port()));
    obey(consul);
    server.stop();
    System.exit(0);
  }

  private static void obey(Consul consul) throws Exception {
    ExecutorService workers = Executors.newCachedThreadPool();
    BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      Map<String, Object> command = Json.object(Json.parse(line));
      workers.execute(() -> print(carryOut(command, consul)));
    }
  }

  private static Map<String, Object> carryOut(Map<String, Object> command, Consul consul) {
    Map<String, Object> answer = fields("id", command.get("id"));
    try {
      switch (String.valueOf(command.get("do"))) {
        case "call" -> answer.put("values", call(command, consul));
        case "health" -> answer.put("health", CLIENT.health(address(command, consul)));
        case "nodes" -> answer.put("nodes", consul.nodes((String) command.get("service")));
        default -> throw new IllegalArgumentException("there is no command " + command.get("do"));
      }
    } catch (CallException error) {
      answer.put("error", Json.write(error.toJson()));
    } catch (Exception error) {
      answer.put("error", error.toString());
    }
    return answer;
  }

  private static List<Object> call(Map<String, Object> command, Consul consul) throws Exception {
    Object first = command.get("requests") instanceof List<?> requests ? requests.get(0) : null;
    long times = command.get("times") instanceof Long times0 ? times0 : 1;
    Value value = Value.EMPTY;
    for (long time = 0; time < times; time++) {
      value =
          CLIENT.call(
              address(command, consul),
              (String) command.get("endpoint"),
              Value.fromJson(first),
              (String) command.get("contentType"),
              Json.object(command.get("headers")),
              command.get("timeoutMs") instanceof Long ms ? ms : 5_000);
    }
    Map<String, Object> line = value.toJson();
    if (line.containsKey("number")) line.put("number", value.number());
    return List.of(line);
  }

  private static String address(Map<String, Object> command, Consul consul) throws Exception {
    if (command.get("address") instanceof String address) return address;
    List<Object> nodes = new ArrayList<>(consul.nodes((String) command.get("service")));
    if (nodes.isEmpty()) throw new CallException(503, "no nodes", "interop");
    return (String) Json.object(nodes.get(RANDOM.nextInt(nodes.size()))).get("address");
  }

  private static synchronized void print(Map<String, Object> line) {
    OUT.println(Json.write(line));
  }

  private static Map<String, Object> fields(Object... pairs) {
    Map<String, Object> fields = new LinkedHashMap<>();
    for (int i = 0; i < pairs.length; i += 2) fields.put((String) pairs[i], pairs[i + 1]);
    return fields;
  }
}
