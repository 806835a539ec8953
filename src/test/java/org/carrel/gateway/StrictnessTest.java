package org.carrel.gateway;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.carrel.gateway.support.Stage.ADAS;

import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;
import org.carrel.gateway.support.Backend;
import org.carrel.gateway.support.RawClient;
import org.carrel.gateway.support.RawClient.Reply;
import org.carrel.gateway.support.Stage;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Requests with more than one meaning: each is refused, and the workload never hears of it.
class StrictnessTest {
    private static Backend backend;
    private static Stage stage;

    record Row(String name, String request, List<Integer> statuses) {
        @Override
        public String toString() {
            return name;
        }
    }

    @BeforeAll
    static void open() throws IOException {
        backend = Backend.echo();
        stage = new Stage().with(ADAS, "ada", backend);
    }

    @AfterAll
    static void close() throws IOException {
        stage.close();
        backend.close();
    }

    /// `HOST` becomes the session's own origin, `ID` its id.
    private static Row row(String name, String request, Integer... statuses) {
        return new Row(name, request, statuses.length == 0 ? List.of(400) : List.of(statuses));
    }

    /// A GET with these lines behind Host and cookie.
    private static Row lines(String name, String lines, Integer... statuses) {
        return row(name, "GET / HTTP/1.1\r\nHost: HOST\r\nCookie: carrel_user=ada\r\n" + lines + "\r\n", statuses);
    }

    private static Row post(String name, String lines, String body, Integer... statuses) {
        String head = "POST / HTTP/1.1\r\nHost: HOST\r\nCookie: carrel_user=ada\r\n" + lines + "\r\n";
        return row(name, head + body, statuses);
    }

    private static Row chunks(String name, String body) {
        return post(name, "Transfer-Encoding: chunked\r\n", body);
    }

    private static Row path(String name, String path, Integer... statuses) {
        return row(name, "GET " + path + " HTTP/1.1\r\nHost: HOST\r\nCookie: carrel_user=ada\r\n\r\n", statuses);
    }

    private static Row host(String name, String hostLines, Integer... statuses) {
        return row(name, "GET / HTTP/1.1\r\n" + hostLines + "Cookie: carrel_user=ada\r\n\r\n", statuses);
    }

    static Stream<Row> framing() {
        return Stream.of(
                post("CL and TE", "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"),
                post("TE and CL", "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", "0\r\n\r\n"),
                post("two CL that differ", "Content-Length: 5\r\nContent-Length: 6\r\n", "hello"),
                post("two CL that agree", "Content-Length: 5\r\nContent-Length: 5\r\n", "hello"),
                post("a list in CL", "Content-Length: 5, 5\r\n", "hello"),
                post("CL with a sign", "Content-Length: +5\r\n", "hello"),
                post("CL +0", "Content-Length: +0\r\n", ""),
                post("negative CL", "Content-Length: -1\r\n", ""),
                post("hexadecimal CL", "Content-Length: 0x5\r\n", "hello"),
                post("empty CL", "Content-Length: \r\n", ""),
                post("CL beyond 63 bits", "Content-Length: 99999999999999999999\r\n", ""),
                post("CL of 19 digits", "Content-Length: 1000000000000000000\r\n", ""),
                post("disguised CL", "Content_Length: 5\r\n", "hello"),
                post("disguised TE", "Transfer_Encoding: chunked\r\n", "0\r\n\r\n"),
                post("TE xchunked", "Transfer-Encoding: xchunked\r\n", "0\r\n\r\n"),
                post("TE chunked, identity", "Transfer-Encoding: chunked, identity\r\n", "0\r\n\r\n"),
                post("TE identity", "Transfer-Encoding: identity\r\n", ""),
                post("TE gzip, chunked", "Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n"),
                post("TE twice", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"),
                post("TE with a blank behind", "Transfer-Encoding: chunked \r\n", "0\r\n\r\n"),
                post("TE with two blanks before", "Transfer-Encoding:  chunked\r\n", "0\r\n\r\n"),
                post("TE behind a tab", "Transfer-Encoding:\u000bchunked\r\n", "0\r\n\r\n"),
                post("quoted TE", "Transfer-Encoding: \"chunked\"\r\n", "0\r\n\r\n"),
                row(
                        "TE in HTTP/1.0",
                        "POST / HTTP/1.0\r\nHost: HOST\r\nCookie: carrel_user=ada\r\n"
                                + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"));
    }

    static Stream<Row> heads() {
        return Stream.of(
                lines("space before the colon", "X-A : b\r\n"),
                lines("no colon", "X-A\r\n"),
                lines("empty name", ": b\r\n"),
                lines("obs-fold", "X-A: b\r\n c\r\n"),
                lines("obs-fold with a tab", "X-A: b\r\n\tc\r\n"),
                lines("a fold as the first line", " X-A: b\r\n"),
                lines("NUL in a value", "X-A: b\u0000c\r\n"),
                lines("bare CR in a value", "X-A: b\rc\r\n"),
                lines("a bell in a value", "X-A: \u0007\r\n"),
                lines("DEL in a value", "X-A: \u007f\r\n"),
                lines("a letter beyond ASCII in a name", "X-\u00e4: b\r\n"),
                lines("brackets in a name", "X(A): b\r\n"),
                row("bare LF head", "GET / HTTP/1.1\nHost: HOST\nCookie: carrel_user=ada\n\n"),
                row("one bare LF", "GET / HTTP/1.1\r\nHost: HOST\nCookie: carrel_user=ada\r\n\r\n"),
                row("a bare LF at the end", "GET / HTTP/1.1\r\nHost: HOST\r\nCookie: carrel_user=ada\r\n\n"),
                row("bare CR head", "GET / HTTP/1.1\rHost: HOST\r\r\r\n\r\n"),
                row("control bytes first", "\u0001\u0002GET / HTTP/1.1\r\nHost: HOST\r\n\r\n"),
                row("an empty line first", "\r\nGET / HTTP/1.1\r\nHost: HOST\r\n\r\n"),
                row("a blank first", " GET / HTTP/1.1\r\nHost: HOST\r\n\r\n"),
                row("lower-case method", "get / HTTP/1.1\r\nHost: HOST\r\n\r\n"),
                row("method with a control byte", "GE\u0001T / HTTP/1.1\r\nHost: HOST\r\n\r\n"),
                row("endless method", "G".repeat(30) + " / HTTP/1.1\r\nHost: HOST\r\n\r\n"),
                row("two blanks in the line", "GET  / HTTP/1.1\r\nHost: HOST\r\n\r\n"),
                row("a blank at the end of the line", "GET / HTTP/1.1 \r\nHost: HOST\r\n\r\n"),
                row("a tab in the line", "GET\t/\tHTTP/1.1\r\nHost: HOST\r\n\r\n"),
                row("HTTP/0.9", "GET /\r\nHost: HOST\r\n\r\n"),
                row("lower-case version", "GET / http/1.1\r\nHost: HOST\r\n\r\n"),
                row("HTTP/1.2", "GET / HTTP/1.2\r\nHost: HOST\r\n\r\n", 505),
                row("HTTP/2.0", "GET / HTTP/2.0\r\nHost: HOST\r\n\r\n", 505),
                row("h2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400, 505),
                row("TLS hello", "\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001"),
                row("TRACE", "TRACE / HTTP/1.1\r\nHost: HOST\r\nCookie: carrel_user=ada\r\n\r\n", 405),
                row("CONNECT", "CONNECT / HTTP/1.1\r\nHost: HOST\r\n\r\n", 405),
                row("CONNECT to a port", "CONNECT a:1 HTTP/1.1\r\nHost: HOST\r\n\r\n", 400, 405),
                row("OPTIONS *", "OPTIONS * HTTP/1.1\r\nHost: HOST\r\n\r\n"),
                lines("an unknown expectation", "Expect: 200-ok\r\n", 417),
                lines("too many fields", "X-A: b\r\n".repeat(101), 431),
                lines("a head that is too long", "X-A: " + "b".repeat(33_000) + "\r\n", 431));
    }

    static Stream<Row> chunkedBodies() {
        return Stream.of(
                chunks("chunk size ended by bare LF", "5\nhello\r\n0\r\n\r\n"),
                chunks("LF in a chunk extension", "5;a\nb\r\nhello\r\n0\r\n\r\n"),
                chunks("bare CR in a chunk extension", "5;a\rb\r\nhello\r\n0\r\n\r\n"),
                chunks("control byte in a chunk extension", "5;\u0001\r\nhello\r\n0\r\n\r\n"),
                chunks("an endless chunk extension", "5;" + "a".repeat(300) + "\r\nhello\r\n0\r\n\r\n"),
                chunks("a blank behind the size", "5 \r\nhello\r\n0\r\n\r\n"),
                chunks("a blank before the size", " 5\r\nhello\r\n0\r\n\r\n"),
                chunks("a signed size", "+5\r\nhello\r\n0\r\n\r\n"),
                chunks("0x before the size", "0x5\r\nhello\r\n0\r\n\r\n"),
                chunks("a bare CR behind the size", "5\rXhello\r\n0\r\n\r\n"),
                chunks("no size", "\r\nhello\r\n0\r\n\r\n"),
                chunks("a size beyond 60 bits", "1000000000000000\r\nhello\r\n0\r\n\r\n"),
                chunks("data longer than its size", "4\r\nhello\r\n0\r\n\r\n"),
                chunks("data ended by bare LF", "5\r\nhello\n0\r\n\r\n"),
                chunks("end ended by bare LF", "0\r\n\n"),
                chunks("a malformed trailer", "0\r\nX A: b\r\n\r\n"),
                chunks("a folded trailer", "0\r\nX-A: b\r\n c\r\n\r\n"),
                chunks("identity in a trailer", "0\r\nX-Carrel-User: root\r\n\r\n"),
                chunks("disguised identity in a trailer", "0\r\nx_forwarded_for: 1.1.1.1\r\n\r\n"),
                chunks("framing in a trailer", "0\r\nContent-Length: 3\r\n\r\n"));
    }

    static Stream<Row> hosts() {
        return Stream.of(
                host("no Host", ""),
                host("two Hosts", "Host: HOST\r\nHost: HOST\r\n"),
                host("two different Hosts", "Host: HOST\r\nHost: evil.example\r\n"),
                host("another Host", "Host: evil.example\r\n", 421),
                host("a Host that only begins like ours", "Host: HOST.evil.example\r\n", 400),
                host("a sibling of the content domain", "Host: ID.localhost.evil.example\r\n", 421),
                host("a name in front of a session's", "Host: a.ID.localhost\r\n", 421),
                host("a trailing dot", "Host: ID.localhost.\r\n", 421),
                host("a user in Host", "Host: root@HOST\r\n"),
                host("a user behind the port", "Host: ID.localhost:80@evil.example\r\n"),
                host("a port that is no number", "Host: ID.localhost:80a\r\n"),
                host("a port out of range", "Host: ID.localhost:65536\r\n"),
                host("an empty port", "Host: ID.localhost:\r\n"),
                host("two ports", "Host: ID.localhost:80:80\r\n"),
                host("a path in Host", "Host: HOST/x\r\n"),
                host("a list in Host", "Host: HOST, evil.example\r\n"),
                host("an escape in Host", "Host: %6cocalhost\r\n"),
                host("an empty Host", "Host: \r\n"),
                host("a number for an address", "Host: 0x7f000001\r\n", 421),
                host("an address that isn't ours", "Host: [::ffff:169.254.169.254]\r\n", 421),
                host("an open bracket", "Host: [::1\r\n"),
                row(
                        "absolute form of another host",
                        "GET http://evil.example/ HTTP/1.1\r\nHost: HOST\r\nCookie: carrel_user=ada\r\n\r\n"),
                row(
                        "absolute form with a user",
                        "GET http://a@HOST/ HTTP/1.1\r\nHost: HOST\r\nCookie: carrel_user=ada\r\n\r\n"),
                row(
                        "absolute form of another scheme",
                        "GET file://HOST/ HTTP/1.1\r\nHost: HOST\r\nCookie: carrel_user=ada\r\n\r\n"));
    }

    static Stream<Row> paths() {
        return Stream.of(
                path("dots", "/s/ID/../../api/v1/tokens"),
                path("dots at the end", "/a/.."),
                path("one dot", "/a/./b"),
                path("encoded dots", "/s/ID/%2e%2e/api"),
                path("half encoded dots", "/s/ID/.%2E/api"),
                path("dots behind an encoded slash", "/a/..%2fapi"),
                path("dots between encoded slashes", "/a%2f..%2fapi"),
                path("twice encoded dots", "/a/%252e%252e/api"),
                path("twice encoded everything", "/a%252f%252e%252e%252fapi"),
                path("dots with a parameter", "/a/..;/api"),
                path("dots with a parameter behind", "/a/..;x=1/api"),
                path("dots behind an encoded backslash", "/a/..%5c..%5capi"),
                path("a backslash", "/a\\..\\api"),
                path("an encoded NUL", "/a%00b"),
                path("an encoded line feed", "/a%0d%0aX-A: b"),
                path("an encoded CR LF", "/a%0d%0ab"),
                path("a broken escape", "/a%zz"),
                path("a cut escape", "/a%2"),
                path("a raw byte beyond ASCII", "/\u00e4"),
                path("a control byte", "/a\u0001b"),
                path("a raw NUL", "/a\u0000b"),
                path("a blank", "/a b"),
                path("a fragment", "/a#b"),
                path("a user instead of a path", "@evil.example/"),
                path("no slash", "a"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource({"framing", "heads", "chunkedBodies", "hosts", "paths"})
    void is_refused_and_the_workload_sees_nothing(Row row) throws IOException {
        int before = backend.rawBytes().length();
        String request = row.request().replace("HOST", stage.origin(ADAS)).replace("ID", ADAS.value());
        try (RawClient client = stage.client()) {
            Reply reply = client.exchange(request);
            assertThat(row.statuses()).contains(reply.status());
            assertThat(reply.header("Connection")).as("the connection ends").contains("close");
            assertThat(client.readToEnd()).as("nothing behind the answer").isEmpty();
        }
        assertThat(backend.rawBytes()).hasSize(before);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("chunkedBodies")
    void a_chunk_that_comes_late_is_refused_too_and_never_passed_on(Row row) throws IOException {
        String request = row.request().replace("HOST", stage.origin(ADAS));
        int headEnd = request.indexOf("\r\n\r\n") + 4;
        String body = request.substring(headEnd);
        try (Backend quiet = new Backend((seen, in, out) -> false);
                Stage own = new Stage().with(ADAS, "ada", quiet.leavingBodies());
                RawClient client = own.client()) {
            client.send(request.substring(0, headEnd).replace(stage.origin(ADAS), own.origin(ADAS)));
            client.send("3\r\nabc\r\n");
            client.send(body);
            String all = client.readToEnd();
            assertThat(all.isEmpty() || all.startsWith("HTTP/1.1 4") || all.startsWith("HTTP/1.1 502"))
                    .as(all)
                    .isTrue();
            assertThat(quiet.rawBytes()).doesNotContain("\r\n0\r\n\r\n");
        }
    }

    @Test
    void an_escape_in_a_path_of_a_session_is_passed_on_as_it_is() throws IOException {
        try (RawClient client = stage.client()) {
            for (String path :
                    List.of("/a%2fb", "/a%20b", "/%E4%B8%AD", "/a%2Fb%3F?c=%2e%2e", "/..a/b..", "/a//b", "/...")) {
                Reply reply = client.exchange(stage.get(path));
                assertThat(reply.status()).as(path).isEqualTo(200);
                assertThat(reply.body()).startsWith("GET " + path + " HTTP/1.1\r\n");
            }
        }
    }

    @Test
    void our_own_pages_bear_no_encoded_separators() throws IOException {
        for (String path : List.of("/a%2fb", "/a%5cb", "/a%25b", "//evil.example", "/.carrel/a%2fb")) {
            try (RawClient client = stage.client()) {
                String host = path.startsWith("/.carrel") ? stage.origin(ADAS) : stage.portal();
                Reply reply = client.exchange("GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\n\r\n");
                assertThat(reply.status()).as(path).isEqualTo(400);
            }
        }
    }

    @Test
    void the_absolute_form_of_the_very_host_is_understood() throws IOException {
        try (RawClient client = stage.client()) {
            Reply reply = client.exchange(stage.get("http://" + stage.origin(ADAS) + "/a?b"));
            assertThat(reply.body()).startsWith("GET /a?b HTTP/1.1\r\nHost: " + stage.origin(ADAS) + "\r\n");
        }
    }

    @Test
    void a_sound_chunked_body_arrives_as_it_was_sent_with_its_trailers() throws IOException {
        String body = "5;name=value\r\nhello\r\n1\r\n \r\n0\r\nX-Sum: 12\r\n\r\n";
        try (RawClient client = stage.client()) {
            Reply reply = client.exchange("POST /c HTTP/1.1\r\nHost: " + stage.origin(ADAS)
                    + "\r\nCookie: carrel_user=ada\r\nTransfer-Encoding: chunked\r\n\r\n" + body);
            assertThat(reply.status()).isEqualTo(200);
            assertThat(backend.last().bodyText()).isEqualTo("hello ");
            assertThat(backend.rawBytes()).endsWith(body);
        }
    }

    @Test
    void any_bytes_get_an_answer_or_a_close_and_never_reach_the_workload_unsound() throws IOException {
        java.util.Random random = new java.util.Random(20261122);
        String sound = stage.get("/fuzz");
        for (int round = 0; round < 300; round++) {
            byte[] bytes = sound.getBytes(ISO_8859_1);
            for (int i = 0; i <= random.nextInt(4); i++)
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
            try (RawClient client = stage.client()) {
                client.send(bytes).finishSending();
                String all = client.readToEnd();
                assertThat(all.isEmpty() || all.startsWith("HTTP/1.1 ")).isTrue();
            }
        }
        for (Backend.Seen seen : backend.seen())
            assertThat(seen.head()).doesNotContain("carrel_user=ada").matches("(?s)[\\x20-\\x7e\\x80-\\xff\\t\\r\\n]*");
    }
}
