package org.carrel.support;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.carrel.support.Needs.Thing;
import org.carrel.support.RStudioServerDouble.Reply;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;

/// The double does what the contract says of RStudio Server. Most of it can be run against a real one
/// (`CARREL_RSTUDIO`), which is how the double is kept honest.
@Needs({Thing.ROOT, Thing.PERL})
@Timeout(90)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RStudioServerDoubleTest {
    private static final String ANN = "carrel-t-ann";
    private static final Instant LATER = Instant.now().plusSeconds(3600);
    private static final String TOKEN = "X-RS-CSRF-Token: tok";

    private Path above;
    private RStudioServerDouble server;

    @BeforeAll
    void open() throws Exception {
        above = Files.createTempDirectory(Path.of("/tmp"), "cd");
        Files.setPosixFilePermissions(above, PosixFilePermissions.fromString("rwxr-xr-x"));
        RStudioServerDouble.makeAccount(ANN, above);
        server = RStudioServerDouble.open(above.resolve("r"), above.resolve("key"));
    }

    @AfterAll
    void close() throws Exception {
        if (server != null) server.close();
        RStudioServerDouble.removeAccount(ANN);
        try (Stream<Path> all = Files.walk(above)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) Files.delete(path);
        }
    }

    private static String cookies(String userId) {
        return "Cookie: user-id=" + userId + "; rs-csrf-token=tok";
    }

    private static String ann() {
        return cookies(RStudioServerDouble.cookie(RStudioServerDouble.KEY, ANN, LATER));
    }

    private Reply post(String path, String params, String... more) throws Exception {
        String[] headers =
                Stream.concat(Stream.of(ann(), TOKEN), Stream.of(more)).toArray(String[]::new);
        return server.ask("POST", path, "{\"params\":[" + params + "],\"clientId\":\"" + client + "\"}", headers);
    }

    private String client = "";

    private String begin() throws Exception {
        String said = post("/rpc/client_init", "").body();
        client = said.replaceAll(".*\"clientId\":\"([^\"]*)\".*", "$1");
        return said;
    }

    private String state() throws Exception {
        return server.ask("GET", "/session/state", "", ann()).body();
    }

    @Test
    void the_recipes_vector() {
        assertThat(RStudioServerDouble.cookie(RStudioServerDouble.KEY, "ann", Instant.parse("2026-11-21T23:59:59Z")))
                .isEqualTo("ann|Sat%2C%2021%20Nov%202026%2023%3A59%3A59%20GMT"
                        + "|XhCEIJrReTdCQka9woHQ6JoAdMADE0CwzIpJv32pUkk%3D");
    }

    @Test
    void the_vectors_of_obscured_ports() throws Exception {
        assumeFalse(RStudioServerDouble.isReal());
        for (List<String> vector : List.of(List.of("4991", "1235cc15"), List.of("6600", "f2094b4e"))) {
            int port = Integer.parseInt(vector.get(0));
            HttpServer app = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
            try {
                app.createContext("/", exchange -> {
                    byte[] said = exchange.getRequestURI().toString().getBytes(StandardCharsets.UTF_8);
                    exchange.getResponseHeaders().set("Location", "/there");
                    exchange.sendResponseHeaders(200, said.length);
                    exchange.getResponseBody().write(said);
                    exchange.close();
                });
                app.start();
                Reply reply = server.ask(
                        "GET",
                        "/p/" + vector.get(1) + "/app?x=1",
                        "",
                        ann() + "; port-token=fb7559983669",
                        "Accept-Encoding: gzip");
                assertThat(reply.body()).isEqualTo("/app?x=1");
                assertThat(reply.header("Location")).contains("/p/" + vector.get(1) + "/there");
            } finally {
                app.stop(0);
            }
        }
        assertThat(server.ask("GET", "/p/00000001/", "", ann() + "; port-token=fb7559983669")
                        .status())
                .isIn(404, 502);
        assertThat(server.ask("GET", "/p/1235cc15/", "", ann()).status()).isEqualTo(404);
    }

    @Test
    void a_cookie_of_its_own_key_opens_the_page_and_any_other_leads_to_the_sign_in() throws Exception {
        assertThat(server.ask("GET", "/", "", ann()).status()).isEqualTo(200);
        Instant past = Instant.now().minusSeconds(5);
        String good = RStudioServerDouble.cookie(RStudioServerDouble.KEY, ANN, LATER);
        String foreign = "another key, also of enough bytes...";
        for (String bad : List.of(
                "",
                "nonsense",
                RStudioServerDouble.cookie(RStudioServerDouble.KEY, ANN, past),
                RStudioServerDouble.cookie(foreign, ANN, LATER),
                good.replace(ANN, "carrel-t-bob"),
                good.replaceFirst("20(\\d\\d)", "2199"),
                good + "|more",
                good.substring(0, good.length() - 5),
                RStudioServerDouble.cookie(RStudioServerDouble.KEY, "root", LATER),
                RStudioServerDouble.cookie(RStudioServerDouble.KEY, "no-such-account", LATER))) {
            Reply reply = server.ask("GET", "/", "", cookies(bad));
            assertThat(reply.status()).as(bad).isEqualTo(302);
            assertThat(reply.header("Location").orElse("")).contains("auth-sign-in");
            assertThat(server.ask("POST", "/rpc/client_init", "{}", cookies(bad), TOKEN)
                            .body())
                    .contains("\"code\":3");
        }
    }

    @Test
    void a_cookie_that_signed_out_is_worth_nothing() throws Exception {
        String once = cookies(RStudioServerDouble.cookie(RStudioServerDouble.KEY, ANN, LATER.plusSeconds(77)));
        assertThat(server.ask("GET", "/", "", once).status()).isEqualTo(200);
        assertThat(server.ask("POST", "/auth-sign-out", "rs-csrf-token=not", once)
                        .status())
                .isEqualTo(400);
        assertThat(server.ask("POST", "/auth-sign-out", "rs-csrf-token=tok", once)
                        .status())
                .isEqualTo(302);
        assertThat(server.ask("GET", "/", "", once).status()).isEqualTo(302);
    }

    @Test
    void requests_need_the_token_of_the_cookie_and_the_page_has_it_from_there() throws Exception {
        assertThat(server.ask("GET", "/", "", ann()).body()).contains("content=\"tok\"");
        assertThat(server.ask("POST", "/rpc/client_init", "{}", ann()).body()).contains("\"code\":13");
        assertThat(server.ask("POST", "/rpc/console_input", "{}", ann(), "X-RS-CSRF-Token: other")
                        .body())
                .contains("Unauthorized");
        assertThat(begin()).contains("\"result\"");
    }

    @Test
    void a_proof_is_made_anew_by_use_and_not_by_a_timer() throws Exception {
        begin();
        assertThat(post("/rpc/console_input", "\"1\"").head()).contains("Set-Cookie: user-id=" + ANN + "|");
        assertThat(post("/rpc/console_input", "\"1\"", "X-RStudio-Refresh-Auth-Creds: 0")
                        .head())
                .doesNotContain("Set-Cookie: user-id");
    }

    @Test
    void the_path_under_which_it_is_seen_is_in_cookies_and_never_in_paths() throws Exception {
        assertThat(server.ask("GET", "/", "", "X-RStudio-Root-Path: /s/a").header("Location"))
                .contains("/s/a/auth-sign-in?appUri=");
        assertThat(server.ask("GET", "/s/a/", "", ann(), "X-RStudio-Root-Path: /s/a")
                        .status())
                .isEqualTo(404);
        assertThat(post("/rpc/client_init", "", "X-RStudio-Root-Path: /s/a").head())
                .containsPattern("port-token=[0-9a-f]{12}; path=/s/a;");
    }

    @Test
    void events_arrive_in_a_poll_that_waits_and_the_newest_page_has_the_session() throws Exception {
        begin();
        String old = client;
        CompletableFuture<String> poll = CompletableFuture.supplyAsync(() -> {
            try {
                return post("/events/get_events", "-1").body();
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
        post("/rpc/console_input", "\"say hello\"");
        assertThat(poll.get()).contains("console_output", "hello");
        begin();
        String newest = client;
        client = old;
        assertThat(post("/events/get_events", "-1").body()).contains("Invalid client id");
        client = newest;
    }

    @Test
    void it_is_suspended_when_it_may_be_and_what_it_knew_comes_back() throws Exception {
        begin();
        post("/rpc/console_input", "\"x\"");
        String before = state().replaceAll(".*\"counter\":(\\d+).*", "$1");
        long first = RStudioServerDouble.sessions(ANN).getFirst();
        post("/rpc/console_input", "\"busy 1.5\"");
        assertThat(state()).contains("\"executing\":1");
        assertThat(property("executing")).isEqualTo("1");
        signal(first, "USR1");
        assertThat(state()).as("not while R computes").contains("\"pid\":" + first + ",");
        Await.until("its end", () -> !RStudioServerDouble.sessions(ANN).contains(first));
        assertThat(property("activity_state")).isEqualTo("suspended");
        assertThat(server.ask("GET", "/session/state", "", ann(), "X-RStudio-Session-Required: 1")
                        .status())
                .as("that asks for one that is there")
                .isEqualTo(503);
        assertThat(state()).contains("\"counter\":" + before + ",", "\"resumed\":1");
        long second = RStudioServerDouble.sessions(ANN).getFirst();
        post("/rpc/console_input", "\"pause 60\"");
        signal(second, "USR2");
        Await.until("its end", () -> !RStudioServerDouble.sessions(ANN).contains(second));
    }

    private String property(String name) throws Exception {
        try (Stream<Path> sessions = Files.list(above.resolve(ANN + "/.local/share/rstudio/sessions/active"))) {
            return Files.readString(
                    sessions.max(Comparator.comparing(it -> it.toFile().lastModified()))
                            .orElseThrow()
                            .resolve("properites")
                            .resolve(name));
        }
    }

    private static void signal(long pid, String name) throws Exception {
        new ProcessBuilder("kill", "-" + name, Long.toString(pid)).start().waitFor();
    }

    @Test
    void the_process_is_the_accounts_and_leads_a_group_of_its_own() throws Exception {
        begin();
        long pid = RStudioServerDouble.sessions(ANN).getFirst();
        List<String> stat =
                List.of(Files.readString(Path.of("/proc/" + pid + "/stat")).split(" "));
        assertThat(stat.get(1)).isEqualTo("(rsession)");
        assertThat(stat.get(4)).as("process group").isEqualTo(Long.toString(pid));
        assertThat(Files.readSymbolicLink(Path.of("/proc/" + pid + "/exe"))).endsWithRaw(Path.of("rsession"));
        assertThat(Files.readString(Path.of("/proc/" + pid + "/cmdline")).replace('\0', ' '))
                .containsPattern(Pattern.compile("-u " + ANN + " --session-use-secure-cookies 0"));
    }

    @Test
    void what_is_no_request_harms_nobody() throws Exception {
        for (String bad : List.of(
                "GARBAGE\r\n\r\n",
                "GET / HTTP/1.1\r\nno colon here\r\n\r\n",
                "GET /" + "x".repeat(70_000) + " HTTP/1.1\r\n\r\n",
                "POST /upload HTTP/1.1\r\n" + ann() + "\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n\r\n",
                "POST /upload HTTP/1.1\r\n" + ann() + "\r\nContent-Length: 99999999999999\r\n\r\n")) {
            try {
                assertThat(server.exchange(bad).status()).isGreaterThanOrEqualTo(400);
            } catch (IOException closed) {
                assertThat(closed).as("closed without an answer").hasMessageNotContaining("refused");
            }
        }
        assertThat(server.ask("GET", "/", "", ann()).status()).isEqualTo(200);
        assertThat(server.ask("POST", "/upload", "x".repeat(3_000_000), ann(), TOKEN)
                        .body())
                .isEqualTo("{\"result\":3000000}");
    }
}
