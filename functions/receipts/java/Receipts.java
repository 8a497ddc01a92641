// Gives each paid order a receipt: a Function of Tenfold in Java 17, with the JDK alone. `java Receipts.java` runs it.
// It takes one event, or a batch of events, as docs/reference/contracts.md says.
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

public class Receipts {
  static final int MOST_BYTES = 2 * 1024 * 1024; // of one request; larger than `batch.maxSize`, which is 1 MiB by default
  static final int MOST_CONNECTIONS = 200;
  static final int MOST_REMEMBERED = 10_000;
  static final int BODY_SECONDS = setting("BODY_SECONDS", 10);
  static final int AT_ONCE = setting("AT_ONCE", 50);
  static final String BATCH = "application/cloudevents-batch+json";
  static final Pattern TRACEPARENT = Pattern.compile("[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}");

  /** A request, or one event, that gets no receipt. */
  static class Refusal extends Exception {
    final int status;
    final Map<String, Object> problem = new LinkedHashMap<>();

    Refusal(int status, String title, String detail) {
      this.status = status;
      problem.put("title", title);
      problem.put("status", status);
      problem.put("detail", detail);
    }
  }

  record Answer(int status, Object body, int events) {}

  record EventKey(String source, String id) {}

  /** Receipts by event, each written once. A real store keeps both in the transaction of a database. */
  final Map<EventKey, Map<String, Object>> written = new LinkedHashMap<>() {
    @Override
    protected boolean removeEldestEntry(Map.Entry<EventKey, Map<String, Object>> eldest) {
      return size() > MOST_REMEMBERED;
    }
  };
  int last = 0;
  final Semaphore places = new Semaphore(AT_ONCE);
  /** All requests that run, also those that are refused. */
  final Semaphore running = new Semaphore(MOST_CONNECTIONS);
  volatile boolean ending = false;

  synchronized Map<String, Object> write(EventKey key, Object data) throws Refusal {
    if (!(data instanceof Map<?, ?> order)) throw new Refusal(422, "Unprocessable", "The order is no JSON object.");
    if (!(order.get("orderId") instanceof String id) || id.isEmpty())
      throw new Refusal(422, "Unprocessable", "orderId is missing.");
    if (!(order.get("totalCents") instanceof Long total) || total < 0 || total > 1L << 53)
      throw new Refusal(422, "Unprocessable", "totalCents is no whole number from 0 on.");
    // The platform tries 425 again, as its `retry` says.
    if (Boolean.FALSE.equals(order.get("paid")))
      throw new Refusal(425, "Too Early", "The order " + id + " is not paid yet.");
    Map<String, Object> known = written.get(key);
    if (known != null) return known;
    Map<String, Object> made = new LinkedHashMap<>();
    made.put("receipt", ++last);
    made.put("orderId", id);
    made.put("totalCents", total);
    written.put(key, made);
    return made;
  }

  /** The entry of `results` for one event of a batch. */
  Map<String, Object> answerEvent(Object event) {
    Map<String, Object> entry = new LinkedHashMap<>();
    try {
      if (!(event instanceof Map<?, ?> members)) throw new Refusal(400, "Bad Request", "The event is no JSON object.");
      if (!(members.get("source") instanceof String source) || source.isEmpty()
          || !(members.get("id") instanceof String id) || id.isEmpty())
        throw new Refusal(400, "Bad Request", "The event has no source or no id.");
      entry.put("id", id);
      entry.put("data", write(new EventKey(source, id), members.get("data")));
      entry.put("status", 200);
    } catch (Refusal refusal) {
      entry.put("status", refusal.status);
      entry.put("error", refusal.problem);
    }
    return entry;
  }

  Answer work(HttpExchange exchange) throws IOException, Refusal {
    var headers = exchange.getRequestHeaders();
    byte[] body = exchange.getRequestBody().readNBytes(MOST_BYTES + 1);
    if (body.length > MOST_BYTES)
      throw new Refusal(413, "Content Too Large", "A request has at most " + MOST_BYTES + " bytes.");
    String type = String.valueOf(headers.getFirst("content-type")).split(";")[0].trim().toLowerCase();
    if (type.equals(BATCH)) {
      if (!(new Json(body).read() instanceof List<?> events))
        throw new Refusal(400, "Bad Request", "A batch is a JSON array of events.");
      List<Object> results = new ArrayList<>();
      for (Object event : events) results.add(answerEvent(event));
      return new Answer(207, Map.of("results", results), events.size());
    }
    if (!type.equals("application/json"))
      throw new Refusal(415, "Unsupported Media Type", "Events have JSON as data, or come as " + BATCH + ".");
    String source = headers.getFirst("ce-source");
    String id = headers.getFirst("ce-id");
    if (source == null || id == null || source.isEmpty() || id.isEmpty())
      throw new Refusal(400, "Bad Request", "The event has no ce-source or no ce-id.");
    return new Answer(200, write(new EventKey(source, id), new Json(body).read()), 1);
  }

  Answer answer(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath();
    boolean reads = exchange.getRequestMethod().equals("GET");
    if (reads && (path.equals("/healthz") || path.equals("/readyz")))
      return new Answer(ending && path.equals("/readyz") ? 503 : 200, Map.of("status", ending ? "ending" : "ok"), 0);
    if (!path.equals("/") || !exchange.getRequestMethod().equals("POST"))
      return refused(new Refusal(404, "Not Found", "Events go to / by POST."));
    // With Retry-After the platform waits, and counts no attempt.
    if (ending || !places.tryAcquire()) {
      exchange.getResponseHeaders().set("retry-after", "1");
      return refused(new Refusal(503, "Busy", "All places are taken."));
    }
    try {
      return work(exchange);
    } catch (Refusal refusal) {
      return refused(refusal);
    } finally {
      places.release();
    }
  }

  static Answer refused(Refusal refusal) {
    return new Answer(refusal.status, refusal.problem, 0);
  }

  void handle(HttpExchange exchange) throws IOException {
    if (!running.tryAcquire()) {
      exchange.close();
      return;
    }
    try {
      Answer answer = answer(exchange);
      byte[] bytes = Json.write(answer.body).getBytes(StandardCharsets.UTF_8);
      boolean isProblem = answer.body instanceof Map<?, ?> map && map.containsKey("title");
      exchange.getResponseHeaders().set("content-type", isProblem ? "application/problem+json" : "application/json");
      if (ending) exchange.getResponseHeaders().set("connection", "close");
      exchange.sendResponseHeaders(answer.status, bytes.length);
      exchange.getResponseBody().write(bytes);
      // `close` waits for the rest of the body, which an answer does not.
      exchange.getResponseBody().flush();
      if (exchange.getRequestMethod().equals("POST")) log(exchange, answer);
    } finally {
      exchange.close();
      running.release();
    }
  }

  static void log(HttpExchange exchange, Answer answer) {
    var headers = exchange.getRequestHeaders();
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("status", answer.status);
    if (answer.events > 0) line.put("events", answer.events);
    var trace = TRACEPARENT.matcher(String.valueOf(headers.getFirst("traceparent")));
    if (trace.matches()) line.put("trace", trace.group(1));
    for (String name : List.of("attempt", "consumer")) {
      String value = headers.getFirst("tenfold-" + name);
      if (value != null) line.put(name, value);
    }
    say("answered", line);
  }

  static synchronized void say(String message, Map<String, Object> fields) {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("level", "info");
    line.put("message", message);
    line.putAll(fields);
    System.out.println(Json.write(line));
  }

  static int setting(String name, int otherwise) {
    String text = System.getenv(name);
    return text == null || text.isEmpty() ? otherwise : Integer.parseInt(text);
  }

  public static void main(String[] args) throws IOException {
    // The time that a whole request may take, and bounds that the JDK does not set by itself.
    System.setProperty("sun.net.httpserver.maxReqTime", String.valueOf(BODY_SECONDS));
    System.setProperty("sun.net.httpserver.idleInterval", "60");
    System.setProperty("sun.net.httpserver.nodelay", "true");
    System.setProperty("jdk.httpserver.maxConnections", String.valueOf(MOST_CONNECTIONS));
    String host = System.getenv().getOrDefault("HOST", "0.0.0.0");
    HttpServer server = HttpServer.create(new InetSocketAddress(host, setting("PORT", 8080)), 128);
    var threads = new ThreadPoolExecutor(AT_ONCE + 8, AT_ONCE + 8, 1, TimeUnit.MINUTES,
        new LinkedBlockingQueue<>(MOST_CONNECTIONS));
    threads.allowCoreThreadTimeOut(true);
    server.setExecutor(threads);
    Receipts receipts = new Receipts();
    server.createContext("/", receipts::handle);
    server.start();
    Runtime.getRuntime().addShutdownHook(new Thread(() -> receipts.end(server)));
    say("listening", Map.of("port", server.getAddress().getPort()));
  }

  /** Refuses new requests for now, and ends after those that run. */
  void end(HttpServer server) {
    ending = true;
    say("ending", Map.of());
    try {
      running.tryAcquire(MOST_CONNECTIONS, BODY_SECONDS + 5, TimeUnit.SECONDS);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
    server.stop(0);
    // The exit code is 143 otherwise, as if it had been killed.
    Runtime.getRuntime().halt(0);
  }

  /** JSON, which the JDK does not have. Whole numbers are Long, all others Double. */
  static class Json {
    static final int DEEPEST = 100;
    static final Pattern NUMBER = Pattern.compile("-?(0|[1-9][0-9]*+)(\\.[0-9]++)?([eE][+-]?[0-9]++)?");
    static final Pattern WHOLE = Pattern.compile("-?[0-9]+");
    final String text;
    int at = 0;
    int depth = 0;

    Json(byte[] bytes) throws Refusal {
      try {
        text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
      } catch (CharacterCodingException invalid) {
        throw wrong();
      }
    }

    static Refusal wrong() {
      return new Refusal(400, "Bad Request", "The body is no JSON.");
    }

    Object read() throws Refusal {
      Object value = value();
      peek();
      if (at < text.length()) throw wrong();
      return value;
    }

    /** The next character that is no blank; 0 at the end. */
    char peek() {
      while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) at++;
      return at < text.length() ? text.charAt(at) : 0;
    }

    boolean take(char expected) {
      if (peek() != expected) return false;
      at++;
      return true;
    }

    Object value() throws Refusal {
      char next = peek();
      if (next == '"') return string();
      if (next == '{' || next == '[') {
        at++;
        if (++depth > DEEPEST) throw wrong();
        Object value = next == '{' ? object() : list();
        depth--;
        return value;
      }
      int from = at;
      while (at < text.length() && "+-.0123456789abcdefghijklmnopqrstuvwxyzE".indexOf(text.charAt(at)) >= 0) at++;
      String word = text.substring(from, at);
      switch (word) {
        case "true": return true;
        case "false": return false;
        case "null": return null;
        default:
      }
      if (!NUMBER.matcher(word).matches()) throw wrong();
      if (word.length() <= 18 && WHOLE.matcher(word).matches()) return Long.valueOf(word);
      return Double.valueOf(word);
    }

    Map<String, Object> object() throws Refusal {
      Map<String, Object> members = new LinkedHashMap<>();
      if (take('}')) return members;
      do {
        if (peek() != '"') throw wrong();
        String name = string();
        if (!take(':')) throw wrong();
        members.put(name, value());
      } while (take(','));
      if (!take('}')) throw wrong();
      return members;
    }

    List<Object> list() throws Refusal {
      List<Object> items = new ArrayList<>();
      if (take(']')) return items;
      do items.add(value()); while (take(','));
      if (!take(']')) throw wrong();
      return items;
    }

    String string() throws Refusal {
      StringBuilder made = new StringBuilder();
      for (at++; at < text.length(); at++) {
        char next = text.charAt(at);
        if (next == '"') {
          at++;
          return made.toString();
        }
        if (next < ' ') throw wrong();
        made.append(next == '\\' ? escaped() : next);
      }
      throw wrong();
    }

    char escaped() throws Refusal {
      if (++at == text.length()) throw wrong();
      char next = text.charAt(at);
      int simple = "\"\\/bfnrt".indexOf(next);
      if (simple >= 0) return "\"\\/\b\f\n\r\t".charAt(simple);
      if (next != 'u' || at + 5 > text.length() || !text.substring(at + 1, at + 5).matches("[0-9a-fA-F]{4}"))
        throw wrong();
      at += 4;
      return (char) Integer.parseInt(text.substring(at - 3, at + 1), 16);
    }

    static String write(Object value) {
      if (value instanceof Map<?, ?> members) {
        List<String> parts = new ArrayList<>();
        members.forEach((name, member) -> parts.add(quoted(String.valueOf(name)) + ":" + write(member)));
        return "{" + String.join(",", parts) + "}";
      }
      if (value instanceof List<?> items) return "[" + String.join(",", items.stream().map(Json::write).toList()) + "]";
      return value instanceof String string ? quoted(string) : String.valueOf(value);
    }

    static String quoted(String text) {
      StringBuilder made = new StringBuilder("\"");
      for (char next : text.toCharArray()) {
        if (next == '"' || next == '\\') made.append('\\').append(next);
        else if (next < ' ' || Character.isSurrogate(next)) made.append(String.format("\\u%04x", (int) next));
        else made.append(next);
      }
      return made.append('"').toString();
    }
  }
}
