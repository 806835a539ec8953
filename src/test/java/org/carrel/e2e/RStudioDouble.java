package org.carrel.e2e;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A double of RStudio Server, which can't be installed from where the tests' programs come from: what its page and its
/// session say to each other, and no R.
///
/// The contract is read from the source of rstudio/rstudio, and was not tried against the real one:
/// - `POST /rpc/client_init` makes a client id; requests of another are refused: the newest tab owns the session.
/// - `POST /events/get_events` is `RStudioEvents` (SessionClientEventService.cpp).
/// - `POST /rpc/console_input`: its output comes as events only.
/// - Refusals are JSON-RPC errors in a 200. Header `X-RS-CSRF-Token` must equal the cookie `rs-csrf-token`.
/// - Each answer closes its connection (AsyncConnectionImpl.hpp).
/// - The page, `rstudio/index.html`, does with failures what RemoteServer.java, RemoteServerEventListener.java and
///   RpcRequest.java do.
///
/// Left out: sign-in (the real one makes the token there), suspend, answers that come later as events, ports,
/// terminals, uploads, and rserver as a process of its own.
final class RStudioDouble {
    private static final int MAX_BODY_BYTES = 1 << 16;
    private static final int UNAUTHORIZED = 3;
    private static final int METHOD_NOT_FOUND = 7;
    private static final Pattern CLIENT = Pattern.compile("\"clientId\":\"([^\"]*)\"");
    private static final Pattern NUMBER = Pattern.compile("\"params\":\\[(-?\\d+)");
    private static final Pattern TEXT = Pattern.compile("\"params\":\\[\"([^\"]*)\"");
    private static final Pattern TOKEN = Pattern.compile("(?:^|; *)rs-csrf-token=([^;]*)");
    /// this double's only R: `say LINES AT_ONCE MILLISECONDS` prints numbered lines, so many at once, with a pause
    /// after
    private static final Pattern SAY = Pattern.compile("say (\\d+) (\\d+) (\\d+)");

    private final RStudioEvents events = new RStudioEvents();

    private RStudioDouble() {}

    /// @param args the port on loopback
    public static void main(String[] args) throws IOException {
        RStudioDouble session = new RStudioDouble();
        HttpServer server = HttpServer.create(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(args[0])), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", session::answer);
        server.start();
        session.events.serve();
    }

    private void answer(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        String body = new String(exchange.getRequestBody().readNBytes(MAX_BODY_BYTES), StandardCharsets.UTF_8);
        if (path.equals("/")) {
            page(exchange);
            return;
        }
        String token = cookie(exchange);
        if (token.isEmpty() || !token.equals(exchange.getRequestHeaders().getFirst("X-RS-CSRF-Token"))) {
            RStudioEvents.error(exchange, UNAUTHORIZED, "Unauthorized");
            return;
        }
        switch (path) {
            case "/rpc/client_init" -> {
                String client = UUID.randomUUID().toString();
                events.newClient(client);
                RStudioEvents.result(exchange, "{\"clientId\":\"" + client + "\"}");
            }
            case "/events/get_events" ->
                events.poll(exchange, first(CLIENT, body), Integer.parseInt(first(NUMBER, body)));
            case "/rpc/console_input" -> {
                if (!events.isClient(first(CLIENT, body))) {
                    RStudioEvents.error(exchange, RStudioEvents.INVALID_CLIENT_ID, "Invalid client id");
                    return;
                }
                run(first(TEXT, body));
                RStudioEvents.result(exchange, "null");
            }
            default -> RStudioEvents.error(exchange, METHOD_NOT_FOUND, "Method not found");
        }
    }

    private void run(String input) {
        events.add("console_write_input", "\"" + input + "\\n\"");
        Matcher say = SAY.matcher(input);
        if (!say.matches()) {
            events.add("console_prompt", "\"> \"");
            return;
        }
        int lines = Integer.parseInt(say.group(1));
        int atOnce = Integer.parseInt(say.group(2));
        Duration pause = Duration.ofMillis(Long.parseLong(say.group(3)));
        Thread.ofVirtual().start(() -> {
            for (int line = 1; line <= lines; line++) {
                events.add("console_output", "{\"console\":\"\",\"text\":\"" + line + "\\n\"}");
                if (line % atOnce == 0) LockSupport.parkNanos(pause.toNanos());
            }
            events.add("console_prompt", "\"> \"");
        });
    }

    private static void page(HttpExchange exchange) throws IOException {
        String token = cookie(exchange);
        if (token.isEmpty()) {
            token = UUID.randomUUID().toString();
            exchange.getResponseHeaders().set("Set-Cookie", "rs-csrf-token=" + token + "; Path=/; HttpOnly");
        }
        try (InputStream page = RStudioDouble.class.getResourceAsStream("/rstudio/index.html")) {
            if (page == null) throw new IOException("rstudio/index.html is missing");
            String text = new String(page.readAllBytes(), StandardCharsets.UTF_8);
            RStudioEvents.send(exchange, "text/html; charset=utf-8", text.replace("#csrf-token#", token));
        }
    }

    private static String cookie(HttpExchange exchange) {
        String cookies = exchange.getRequestHeaders().getFirst("Cookie");
        return cookies == null ? "" : first(TOKEN, cookies);
    }

    private static String first(Pattern pattern, String text) {
        Matcher matcher = pattern.matcher(text);
        return matcher.find() ? matcher.group(1) : "";
    }
}
