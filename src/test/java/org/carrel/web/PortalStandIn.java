package org.carrel.web;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.carrel.api.Items;
import org.carrel.api.Json;
import org.carrel.api.ProgressInfo;
import org.carrel.api.SessionInfo;

/// A portal for looking at the pages: the real files and the policy of production, with sample facts behind them.
/// Events are sent when the test says so. `main` keeps it running for a person.
final class PortalStandIn implements AutoCloseable {
    /// as the portal sends it, `%s` being the nonce
    static final String POLICY = "default-src 'none'; script-src 'self' 'nonce-%s'; style-src 'self'; img-src 'self'"
            + " data:; connect-src 'self'; font-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri"
            + " 'none'";

    private static final String SLOW = "slowslowslowslow";
    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Map<String, List<BlockingQueue<String>>> streams = new java.util.concurrent.ConcurrentHashMap<>();
    /// unsafe calls as they came: `POST /api/v1/… <token>`
    final List<String> unsafeCalls = new CopyOnWriteArrayList<>();

    final Samples samples = new Samples();
    volatile String language = "en";
    volatile String besideState = "";

    PortalStandIn(int port) throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
        server.setExecutor(threads);
        server.createContext("/", this::answer);
        server.start();
        besideState = samples.beside("ready", null);
    }

    String url(String path) {
        return "http://127.0.0.1:" + server.getAddress().getPort() + path;
    }

    /// Sends an event to all who listen at this path now.
    void emit(String path, String event, Object data) {
        String text = data instanceof String ready ? ready : Json.text(data);
        streams.getOrDefault(path, List.of()).forEach(it -> it.add("event: " + event + "\ndata: " + text + "\n\n"));
    }

    int listeners(String path) {
        return streams.getOrDefault(path, List.of()).size();
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            String path = exchange.getRequestURI().getPath();
            if (!exchange.getRequestMethod().equals("GET")) unsafe(exchange, path);
            else if (path.startsWith("/web/")) file(exchange, path.substring("/web/".length()));
            else if (path.endsWith("/events")) stream(exchange, path);
            else if (path.startsWith("/api/v1/")) api(exchange, path.substring("/api/v1/".length()));
            else if (path.startsWith("/s/")) inSession(exchange, path);
            else page(exchange, path);
        }
    }

    private void page(HttpExchange exchange, String path) throws IOException {
        switch (path) {
            case "/" -> page(exchange, 200, "home", Map.of("title", "Carrel", "me", samples.me()));
            case "/cluster" -> page(exchange, 200, "cluster", Map.of("title", "Carrel", "me", samples.me()));
            case "/admin" -> page(exchange, 200, "admin", Map.of("title", "Carrel", "me", samples.me()));
            case "/sign-in" -> page(exchange, 200, "signin", Map.of("title", "Carrel", "next", "/"));
            case "/ended" -> page(exchange, 410, "ended", samples.endedFacts());
            case "/full" -> page(exchange, 503, "notice", samples.full());
            case "/sign-out" -> page(exchange, 200, "signout", samples.signOut());
            case "/consent" -> page(exchange, 200, "consent", samples.consent());
            default -> {
                if (path.startsWith("/app/")) redirect(exchange, "/wait/" + SLOW);
                else if (path.startsWith("/wait/")) page(exchange, 200, "waiting", samples.waiting(path.substring(6)));
                else page(exchange, 404, "notice", samples.nothing());
            }
        }
    }

    private void page(HttpExchange exchange, int status, String name, Map<String, Object> facts) throws IOException {
        String nonce = "c2FtcGxl";
        String html = WebFiles.read(name + ".html")
                .replace("{{lang}}", language)
                .replace("{{nonce}}", nonce)
                .replace("{{facts}}", Json.text(facts).replace("<", "\\u003c"));
        exchange.getResponseHeaders().set("Content-Security-Policy", POLICY.formatted(nonce));
        send(exchange, status, "text/html; charset=utf-8", html);
    }

    private void api(HttpExchange exchange, String path) throws IOException {
        List<String> parts = List.of(path.split("/"));
        Object found = switch (parts.getFirst()) {
            case "me" -> samples.me();
            case "apps" -> new Items<>(samples.apps());
            case "troubles" -> new Items<>(samples.troubles);
            case "nodes" -> new Items<>(samples.nodes());
            case "sessions" -> parts.size() == 1 ? new Items<>(samples.sessions()) : one(parts.get(1));
            default -> Map.of();
        };
        if (path.endsWith("/logs")) send(exchange, 200, "text/plain; charset=utf-8", samples.log());
        else send(exchange, 200, "application/json", Json.text(found));
    }

    private SessionInfo one(String id) {
        return samples.sessions().stream()
                .filter(it -> it.id().equals(id))
                .findFirst()
                .orElseGet(() -> samples.starting(id));
    }

    private void unsafe(HttpExchange exchange, String path) throws IOException {
        String token = exchange.getRequestHeaders().getFirst("X-Carrel-Token");
        unsafeCalls.add(exchange.getRequestMethod() + " " + path + " " + token);
        String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        if (path.equals("/sign-in")) signIn(exchange, form(body));
        else if (path.contains("/.carrel/")) send(exchange, 200, "application/json", besideState);
        else send(exchange, 200, "application/json", "{}");
    }

    private void signIn(HttpExchange exchange, Map<String, String> form) throws IOException {
        if ("reading".equals(form.get("password"))) {
            redirect(exchange, form.getOrDefault("next", "/"));
        } else {
            Map<String, Object> facts = new LinkedHashMap<>(Map.of("title", "Carrel", "next", "/", "problem", "wrong"));
            facts.put("user", form.getOrDefault("user", ""));
            page(exchange, 401, "signin", facts);
        }
    }

    private static Map<String, String> form(String body) {
        return List.of(body.split("&")).stream()
                .map(pair -> pair.split("=", 2))
                .collect(Collectors.toMap(pair -> pair[0], pair -> decoded(pair.length > 1 ? pair[1] : "")));
    }

    private static String decoded(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }

    /// An app's own page, with our one script in it.
    private void inSession(HttpExchange exchange, String path) throws IOException {
        int beside = path.indexOf("/.carrel/");
        String rest = beside < 0 ? "" : path.substring(beside + "/.carrel/".length());
        if (beside < 0) send(exchange, 200, "text/html; charset=utf-8", samples.appPage());
        else if (rest.equals("state")) send(exchange, 200, "application/json", besideState);
        else file(exchange, rest.startsWith("web/") ? rest.substring(4) : rest);
    }

    private void stream(HttpExchange exchange, String path) throws IOException {
        BlockingQueue<String> mine = new LinkedBlockingQueue<>();
        exchange.getResponseHeaders().set("Content-Type", "text/event-stream");
        exchange.sendResponseHeaders(200, 0);
        List<BlockingQueue<String>> all = streams.computeIfAbsent(path, missing -> new CopyOnWriteArrayList<>());
        try (OutputStream out = exchange.getResponseBody()) {
            out.write(": hello\n\n".getBytes(StandardCharsets.UTF_8));
            out.flush();
            all.add(mine);
            while (true) {
                String event = mine.poll(1, TimeUnit.SECONDS);
                out.write((event == null ? ":\n\n" : event).getBytes(StandardCharsets.UTF_8));
                out.flush();
            }
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
        } catch (IOException gone) {
            // the browser left, as browsers do
        } finally {
            all.remove(mine);
        }
    }

    private static void file(HttpExchange exchange, String name) throws IOException {
        Path file = WebFiles.ROOT.resolve(name).normalize();
        if (!file.startsWith(WebFiles.ROOT) || !Files.isRegularFile(file)) {
            send(exchange, 404, "text/plain", "no such file");
            return;
        }
        String type = switch (name.substring(name.lastIndexOf('.') + 1)) {
            case "js" -> "text/javascript; charset=utf-8";
            case "css" -> "text/css; charset=utf-8";
            case "svg" -> "image/svg+xml";
            case "json" -> "application/json";
            default -> "text/plain; charset=utf-8";
        };
        send(exchange, 200, type, Files.readString(file));
    }

    private static void redirect(HttpExchange exchange, String location) throws IOException {
        exchange.getResponseHeaders().set("Location", location);
        exchange.sendResponseHeaders(303, -1);
    }

    private static void send(HttpExchange exchange, int status, String type, String text) throws IOException {
        byte[] body = text.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", type);
        exchange.getResponseHeaders().set("X-Content-Type-Options", "nosniff");
        exchange.sendResponseHeaders(status, body.length);
        exchange.getResponseBody().write(body);
    }

    /// the events of a start, for the waiting page
    void progress(String stage, int ahead, String sentence, List<String> log) {
        emit("/api/v1/sessions/" + SLOW + "/events", "progress", new ProgressInfo(stage, ahead, sentence, log));
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }

    /// Serves the pages on the port given until it is killed.
    public static void main(String[] arguments) throws Exception {
        try (PortalStandIn portal = new PortalStandIn(Integer.parseInt(arguments[0]))) {
            System.out.println(portal.url("/"));
            new java.util.concurrent.CountDownLatch(1).await();
        }
    }
}
