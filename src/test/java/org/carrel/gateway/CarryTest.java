package org.carrel.gateway;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.carrel.gateway.support.Stage.ADAS;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.carrel.domain.kind.ProxyRules;
import org.carrel.domain.session.Endpoint;
import org.carrel.gateway.support.Backend;
import org.carrel.gateway.support.RawClient;
import org.carrel.gateway.support.RawClient.Reply;
import org.carrel.gateway.support.Stage;
import org.carrel.port.Pages.Hindrance;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// How requests and answers are carried: nothing is held back, nothing is lost, nothing is done twice.
class CarryTest {
    private static String post(Stage stage, String lines, String body) {
        return "POST /p HTTP/1.1\r\nHost: " + stage.origin(ADAS) + "\r\nCookie: carrel_user=ada\r\n" + lines + "\r\n"
                + body;
    }

    @Test
    void a_workload_on_a_unix_socket_is_reached_too(@TempDir Path directory) throws IOException {
        for (boolean epoll : new boolean[] {true, false}) {
            GatewaySettings settings = Stage.settings(Limits.DEFAULT).with(epoll);
            Path socket = directory.resolve(epoll + ".sock");
            try (Backend backend = Backend.echo();
                    Stage stage =
                            new Stage(settings).with(ADAS, "ada", backend.alsoOn(socket), ProxyRules.PLAIN, List.of());
                    RawClient client = stage.client()) {
                for (int i = 0; i < 5; i++) {
                    assertThat(client.exchange(stage.get("/" + i)).body()).startsWith("GET /" + i + " ");
                    assertThat(client.exchange(post(stage, "Content-Length: 2\r\n", "ab"))
                                    .status())
                            .isEqualTo(200);
                }
            }
        }
    }

    @Test
    void pipelined_requests_are_answered_in_turn() throws IOException {
        try (Backend backend = Backend.echo();
                Stage stage = new Stage().with(ADAS, "ada", backend);
                RawClient client = stage.client()) {
            StringBuilder all = new StringBuilder();
            for (int i = 0; i < 50; i++) all.append(stage.get("/" + i));
            client.send(all.toString());
            for (int i = 0; i < 50; i++) assertThat(client.reply().body()).startsWith("GET /" + i + " ");
        }
    }

    @Test
    void a_pipelined_request_waits_behind_a_body() throws IOException {
        try (Backend backend = Backend.echo();
                Stage stage = new Stage().with(ADAS, "ada", backend);
                RawClient client = stage.client()) {
            client.send(post(stage, "Content-Length: 5\r\n", "hello") + stage.get("/next"));
            assertThat(client.reply().body()).startsWith("POST /p ");
            assertThat(client.reply().body()).startsWith("GET /next ");
            assertThat(backend.seen().getFirst().bodyText()).isEqualTo("hello");
        }
    }

    @Test
    void a_kept_connection_that_died_is_replaced_without_the_client_noticing() throws Exception {
        try (Backend backend = Backend.echo();
                Stage stage = new Stage().with(ADAS, "ada", backend);
                RawClient client = stage.client()) {
            for (int i = 0; i < 20; i++) {
                assertThat(client.exchange(stage.get("/" + i)).status()).isEqualTo(200);
                backend.dropConnections();
            }
        }
    }

    @Test
    void a_kept_connection_that_dies_on_a_request_is_tried_once_more() throws IOException {
        AtomicInteger requests = new AtomicInteger();
        Backend.Script diesOnSecond = (request, in, out) -> {
            if (request.head().contains("/second") && requests.getAndIncrement() == 0) return false;
            out.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok".getBytes(ISO_8859_1));
            return true;
        };
        try (Backend backend = new Backend(diesOnSecond);
                Stage stage = new Stage().with(ADAS, "ada", backend);
                RawClient client = stage.client()) {
            assertThat(client.exchange(stage.get("/first")).body()).isEqualTo("ok");
            assertThat(client.exchange(stage.get("/second")).body()).isEqualTo("ok");
            assertThat(stage.metrics().retries()).isEqualTo(1);
            assertThat(backend.connections()).isEqualTo(2);
        }
    }

    @Test
    void a_post_is_never_sent_twice() throws IOException {
        AtomicInteger posts = new AtomicInteger();
        Backend.Script diesOnPost = (request, in, out) -> {
            if (request.line().startsWith("POST")) {
                posts.incrementAndGet();
                return false;
            }
            out.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok".getBytes(ISO_8859_1));
            return true;
        };
        try (Backend backend = new Backend(diesOnPost);
                Stage stage = new Stage().with(ADAS, "ada", backend);
                RawClient client = stage.client()) {
            client.exchange(stage.get("/"));
            assertThat(client.exchange(post(stage, "Content-Length: 2\r\n", "ab"))
                            .status())
                    .isEqualTo(502);
            assertThat(posts).hasValue(1);
        }
    }

    @Test
    void a_head_request_gets_the_length_and_no_body_and_the_connection_goes_on() throws IOException {
        try (Backend backend = Backend.answering(request -> "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n");
                Stage stage = new Stage().with(ADAS, "ada", backend);
                RawClient client = stage.client()) {
            for (int i = 0; i < 3; i++) {
                Reply reply = client.send(stage.get("/").replace("GET", "HEAD")).reply(true);
                assertThat(reply.header("Content-Length")).contains("99");
            }
            assertThat(backend.connections()).isEqualTo(1);
        }
    }

    @Test
    void answers_without_a_body_end_with_their_head() throws IOException {
        Backend statuses =
                Backend.answering(request -> "HTTP/1.1 " + request.line().substring(5, 8) + " X\r\n\r\n");
        try (statuses;
                Stage stage = new Stage().with(ADAS, "ada", statuses);
                RawClient client = stage.client()) {
            assertThat(client.exchange(stage.get("/204")).status()).isEqualTo(204);
            assertThat(client.exchange(stage.get("/304")).status()).isEqualTo(304);
            assertThat(client.exchange(stage.get("/204")).status()).isEqualTo(204);
        }
    }

    @Test
    void interim_answers_are_passed_on() throws IOException {
        Backend.Script early = (request, in, out) -> {
            out.write("HTTP/1.1 100 Continue\r\n\r\n".getBytes(ISO_8859_1));
            out.write("HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n".getBytes(ISO_8859_1));
            out.flush();
            String body = new String(in.readNBytes(5), ISO_8859_1);
            out.write(("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n" + body).getBytes(ISO_8859_1));
            return true;
        };
        try (Backend backend = new Backend(early).leavingBodies();
                Stage stage = new Stage().with(ADAS, "ada", backend);
                RawClient client = stage.client()) {
            client.send(post(stage, "Expect: 100-continue\r\nContent-Length: 5\r\n", ""));
            assertThat(client.reply().status()).isEqualTo(100);
            assertThat(client.reply().header("Link")).contains("</a.css>");
            assertThat(client.send("hello").reply().body()).isEqualTo("hello");
        }
    }

    @Test
    void chunks_and_trailers_of_an_answer_are_passed_on_as_they_are() throws IOException {
        String body = "3;x\r\nabc\r\n0\r\nX-Sum: 3\r\n\r\n";
        try (Backend backend = Backend.answering(
                        request -> "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n" + body);
                Stage stage = new Stage().with(ADAS, "ada", backend);
                RawClient client = stage.client()) {
            for (int i = 0; i < 2; i++) {
                client.send(stage.get("/"));
                String head = Backend.head(client.in());
                assertThat(head).contains("Transfer-Encoding: chunked", "Trailer: X-Sum");
                assertThat(client.read(body.length())).isEqualTo(body);
            }
        }
    }

    @Test
    void an_answer_that_ends_with_its_connection_ends_ours_too() throws IOException {
        Backend.Script untilClose = (request, in, out) -> {
            out.write("HTTP/1.1 200 OK\r\n\r\nall there is".getBytes(ISO_8859_1));
            return false;
        };
        try (Backend backend = new Backend(untilClose);
                Stage stage = new Stage().with(ADAS, "ada", backend);
                RawClient client = stage.client()) {
            client.send(stage.get("/"));
            assertThat(client.readToEnd()).contains("Connection: close\r\n").endsWith("\r\n\r\nall there is");
        }
    }

    @Test
    void an_http_1_0_client_gets_its_answer_and_the_end() throws IOException {
        try (Backend backend = Backend.echo();
                Stage stage = new Stage().with(ADAS, "ada", backend);
                RawClient client = stage.client()) {
            client.send(stage.get("/").replace("HTTP/1.1", "HTTP/1.0"));
            assertThat(client.readToEnd()).contains("Connection: close", "GET / HTTP/1.0\r\n");
        }
    }

    @Test
    void events_of_a_workload_arrive_while_it_goes_on() throws Exception {
        CountDownLatch seen = new CountDownLatch(1);
        Backend.Script events = (request, in, out) -> {
            out.write("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: 1\n\n".getBytes(ISO_8859_1));
            out.flush();
            seen.await(10, TimeUnit.SECONDS);
            out.write("data: 2\n\n".getBytes(ISO_8859_1));
            return false;
        };
        try (Backend backend = new Backend(events);
                Stage stage = new Stage().with(ADAS, "ada", backend);
                RawClient client = stage.client()) {
            client.send(stage.get("/"));
            Backend.head(client.in());
            assertThat(client.read(9)).isEqualTo("data: 1\n\n");
            assertThat(stage.longConnections()).isEqualTo(1);
            seen.countDown();
            assertThat(client.readToEnd()).isEqualTo("data: 2\n\n");
        }
    }

    @Test
    void a_large_answer_waits_for_a_slow_reader_and_is_not_held_in_memory() throws Exception {
        long size = 64L << 20;
        AtomicInteger sentMiB = new AtomicInteger();
        Backend.Script large = (request, in, out) -> {
            out.write(("HTTP/1.1 200 OK\r\nContent-Length: " + size + "\r\n\r\n").getBytes(ISO_8859_1));
            byte[] block = new byte[1 << 20];
            for (int i = 0; i < 64; i++) {
                out.write(block);
                sentMiB.incrementAndGet();
            }
            return true;
        };
        try (Backend backend = new Backend(large);
                Stage stage = new Stage().with(ADAS, "ada", backend);
                RawClient client = new RawClient(stage.gateway().address(), 16 * 1024)) {
            client.send(stage.get("/"));
            Backend.head(client.in());
            Await.quiet(sentMiB::get);
            assertThat(sentMiB.get())
                    .as("MiB taken from the workload while nobody reads")
                    .isLessThan(24);
            assertThat(skip(client.in(), size)).isEqualTo(size);
            assertThat(client.exchange(stage.get("/")).status()).isEqualTo(200);
        }
    }

    @Test
    void pipelined_answers_that_nobody_takes_do_not_pile_up() throws Exception {
        String body = "x".repeat(50_000);
        try (Backend backend = Backend.answering(request -> "HTTP/1.1 200 OK\r\nContent-Length: 50000\r\n\r\n" + body);
                Stage stage = new Stage().with(ADAS, "ada", backend);
                RawClient client = new RawClient(stage.gateway().address(), 16 * 1024)) {
            // all of them fit into what the gateway reads at once
            client.send(stage.get("/").repeat(500));
            Await.quiet(() -> backend.seen().size());
            assertThat(backend.seen()).as("asked of the workload").hasSizeLessThan(200);
            for (int i = 0; i < 500; i++) assertThat(client.reply().status()).isEqualTo(200);
        }
    }

    @Test
    void a_large_upload_waits_for_a_slow_workload() throws Exception {
        long size = 64L << 20;
        CountDownLatch go = new CountDownLatch(1);
        Backend.Script slow = (request, in, out) -> {
            go.await(20, TimeUnit.SECONDS);
            long read = skip(in, size);
            out.write(("HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n" + read).getBytes(ISO_8859_1));
            return true;
        };
        AtomicInteger sentMiB = new AtomicInteger();
        try (Backend backend = new Backend(slow).leavingBodies();
                Stage stage = new Stage().with(ADAS, "ada", backend);
                RawClient client = stage.client()) {
            client.send(post(stage, "Content-Length: " + size + "\r\n", ""));
            Thread sender = Thread.ofVirtual().start(() -> upload(client, sentMiB));
            Await.quiet(sentMiB::get);
            assertThat(sentMiB.get())
                    .as("MiB taken from the client while nobody reads")
                    .isLessThan(24);
            go.countDown();
            assertThat(client.reply().body()).isEqualTo(Long.toString(size));
            sender.join();
            assertThat(stage.input()).isEqualTo(size);
        }
    }

    private static void upload(RawClient client, AtomicInteger sentMiB) {
        try {
            byte[] block = new byte[1 << 20];
            for (int i = 0; i < 64; i++) {
                client.send(block);
                sentMiB.incrementAndGet();
            }
        } catch (IOException gone) {
            // the assertions tell
        }
    }

    static long skip(InputStream in, long size) throws IOException {
        byte[] block = new byte[1 << 16];
        long total = 0;
        while (total < size) {
            int count = in.read(block, 0, (int) Math.min(block.length, size - total));
            if (count < 0) break;
            total += count;
        }
        return total;
    }

    @Test
    void an_answer_given_before_the_body_was_sent_is_passed_on() throws IOException {
        Backend.Script early = (request, in, out) -> {
            out.write("HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\n\r\nno\n".getBytes(ISO_8859_1));
            out.flush();
            in.readNBytes(10);
            return false;
        };
        try (Backend backend = new Backend(early).leavingBodies();
                Stage stage = new Stage().with(ADAS, "ada", backend);
                RawClient client = stage.client()) {
            client.send(post(stage, "Content-Length: 1000000\r\n", "only a bit"));
            Reply reply = client.reply();
            assertThat(reply.status()).isEqualTo(413);
            assertThat(reply.header("Connection")).contains("close");
            assertThat(client.readToEnd()).isEmpty();
        }
    }

    @Test
    void a_workload_that_is_not_there_is_told_from_one_that_does_not_answer() throws IOException {
        int nobody;
        try (ServerSocket reserved = new ServerSocket(0)) {
            nobody = reserved.getLocalPort();
        }
        try (Stage stage = new Stage().with(ADAS, "ada", new Endpoint.Tcp(nobody), ProxyRules.PLAIN, List.of());
                RawClient client = stage.client()) {
            assertThat(client.exchange(stage.get("/")).status()).isEqualTo(502);
            assertThat(((Hindrance.Silent) stage.hindered().getFirst().why()).busy())
                    .isFalse();
        }
        try (Backend closes = new Backend((request, in, out) -> false);
                Stage stage = new Stage().with(ADAS, "ada", closes);
                RawClient client = stage.client()) {
            assertThat(client.exchange(stage.get("/")).status()).isEqualTo(502);
            assertThat(((Hindrance.Silent) stage.hindered().getFirst().why()).busy())
                    .isTrue();
            assertThat(client.exchange(stage.get("/")).status())
                    .as("the connection goes on")
                    .isEqualTo(502);
        }
    }

    @Test
    void an_answer_that_is_not_sound_http_is_not_passed_on() throws IOException {
        for (String unsound : new String[] {
            "HTTP/1.1 200 OK\nContent-Length: 2\n\nok",
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok",
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n",
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
            "HTTP/2 200\r\n\r\n",
            "HTTP/1.1 200 OK\r\nX-A: b\r\n c\r\n\r\n",
            "HTTP/1.1 099 OK\r\n\r\n",
            "hello"
        }) {
            Backend.Script script = (request, in, out) -> {
                out.write(unsound.getBytes(ISO_8859_1));
                return false;
            };
            try (Backend backend = new Backend(script);
                    Stage stage = new Stage().with(ADAS, "ada", backend);
                    RawClient client = stage.client()) {
                Reply reply = client.exchange(stage.get("/"));
                assertThat(reply.status()).as(unsound).isEqualTo(502);
                assertThat(reply.body()).isEqualTo("instead\n");
            }
        }
    }

    @Test
    void bytes_behind_an_answer_are_never_taken_for_the_next_one() throws IOException {
        Backend.Script two = (request, in, out) -> {
            out.write(("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
                            + "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil")
                    .getBytes(ISO_8859_1));
            return true;
        };
        try (Backend backend = new Backend(two);
                Stage stage = new Stage().with(ADAS, "ada", backend);
                RawClient client = stage.client()) {
            for (int i = 0; i < 5; i++)
                assertThat(client.exchange(stage.get("/")).body()).isEqualTo("ok");
            assertThat(backend.connections()).as("none was used again").isEqualTo(5);
        }
    }

    @Test
    void requests_in_flight_end_in_peace_when_the_gateway_closes() throws Exception {
        CountDownLatch arrived = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        Backend.Script slow = (request, in, out) -> {
            arrived.countDown();
            go.await(10, TimeUnit.SECONDS);
            out.write("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ndone".getBytes(ISO_8859_1));
            return true;
        };
        try (Backend backend = new Backend(slow);
                Stage stage = new Stage().with(ADAS, "ada", backend);
                RawClient client = stage.client();
                RawClient idle = stage.client()) {
            idle.exchange("GET / HTTP/1.1\r\nHost: " + stage.portal() + "\r\n\r\n");
            client.send(stage.get("/"));
            assertThat(arrived.await(10, TimeUnit.SECONDS)).isTrue();
            Thread closing = Thread.ofVirtual().start(stage::close);
            assertThat(idle.readToEnd())
                    .as("an idle connection is closed at once")
                    .isEmpty();
            go.countDown();
            Reply reply = client.reply();
            assertThat(reply.body()).isEqualTo("done");
            closing.join();
            assertThat(stage.openLeases()).isZero();
        }
    }

    @Test
    void an_upgrade_to_something_else_is_spliced_and_each_side_may_finish_first() throws IOException {
        Backend.Script tcp = (request, in, out) -> {
            out.write("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\nhi "
                    .getBytes(ISO_8859_1));
            out.flush();
            String all = new String(in.readAllBytes(), ISO_8859_1);
            out.write(("got " + all).getBytes(ISO_8859_1));
            return false;
        };
        try (Backend backend = new Backend(tcp);
                Stage stage = new Stage().with(ADAS, "ada", backend);
                RawClient client = stage.client()) {
            client.send("GET /t HTTP/1.1\r\nHost: " + stage.origin(ADAS)
                    + "\r\nAuthorization: Bearer ada\r\nConnection: upgrade\r\nUpgrade: tcp\r\n\r\n");
            assertThat(Backend.head(client.in())).startsWith("HTTP/1.1 101 ").contains("Upgrade: tcp");
            client.send("\u0000\u0001 raw bytes");
            client.finishSending();
            assertThat(client.readToEnd()).isEqualTo("hi got \u0000\u0001 raw bytes");
            Await.until(() -> stage.longConnections() == 0);
        }
    }

    @Test
    void an_upgrade_that_is_refused_ends_both_connections() throws IOException {
        try (Backend backend = Backend.answering(request -> "HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno");
                Stage stage = new Stage().with(ADAS, "ada", backend);
                RawClient client = stage.client()) {
            client.send("GET /t HTTP/1.1\r\nHost: " + stage.origin(ADAS)
                    + "\r\nAuthorization: Bearer ada\r\nConnection: upgrade\r\nUpgrade: tcp\r\n\r\n");
            Reply reply = client.reply();
            assertThat(reply.status()).isEqualTo(403);
            assertThat(client.readToEnd()).isEmpty();
            Await.until(() -> backend.openConnections() == 0);
        }
    }

    @Test
    void a_session_that_ended_is_no_longer_reached_over_a_kept_connection() throws IOException {
        try (Backend backend = Backend.echo();
                Stage stage = new Stage().with(ADAS, "ada", backend);
                RawClient client = stage.client()) {
            assertThat(client.exchange(stage.get("/")).status()).isEqualTo(200);
            stage.end(ADAS);
            assertThat(client.exchange(stage.get("/")).status()).isEqualTo(404);
            assertThat(backend.seen()).hasSize(1);
            Await.until(() -> stage.openLeases() == 0);
        }
    }

    @Test
    void a_page_of_a_session_gets_the_bar_whatever_its_framing() throws IOException {
        String page = "<!DOCTYPE html><html><head lang=\"en\"><title>x</title></head><body>plot</body></html>";
        String barred = page.replace("lang=\"en\">", "lang=\"en\"><script defer src=\"/.carrel/bar.js\"></script>");
        String type = "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n";
        for (String framed : new String[] {
            type + "Content-Length: " + page.length() + "\r\n\r\n" + page,
            type + "Transfer-Encoding: chunked\r\n\r\n" + Integer.toHexString(page.length()) + "\r\n" + page
                    + "\r\n0\r\nX-Sum: 1\r\n\r\n",
            type + "\r\n" + page
        }) {
            Backend.Script script = (request, in, out) -> {
                for (byte b : framed.getBytes(ISO_8859_1)) {
                    out.write(b);
                    out.flush();
                }
                return framed.contains("Length") || framed.contains("chunked");
            };
            try (Backend backend = new Backend(script);
                    Stage stage = new Stage().with(ADAS, "ada", backend);
                    RawClient client = stage.client()) {
                String document =
                        stage.get("/").replace("Cookie", "Sec-Fetch-Dest: document\r\nAccept-Encoding: gzip\r\nCookie");
                assertThat(client.exchange(document).body()).isEqualTo(barred);
                assertThat(backend.last().header("Accept-Encoding")).contains("identity");
                if (framed.contains("Length"))
                    assertThat(client.exchange(stage.get("/frame")).body()).isEqualTo(page);
            }
        }
    }

    @Test
    void a_page_without_a_head_and_anything_compressed_pass_untouched() throws IOException {
        String plain = "x".repeat(40_000);
        for (String answer : new String[] {
            "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 40000\r\n\r\n" + plain,
            "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: gzip\r\nContent-Length: 6\r\n\r\n<head>",
            "HTTP/1.1 404 No\r\nContent-Type: text/html\r\nContent-Length: 6\r\n\r\n<head>",
            "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 6\r\n\r\n<head>",
            "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 5\r\n\r\n<head"
        }) {
            try (Backend backend = Backend.answering(request -> answer);
                    Stage stage = new Stage().with(ADAS, "ada", backend);
                    RawClient client = stage.client()) {
                String document = stage.get("/").replace("Cookie", "Sec-Fetch-Dest: document\r\nCookie");
                assertThat(client.exchange(document).body())
                        .isEqualTo(answer.substring(answer.indexOf("\r\n\r\n") + 4));
            }
        }
    }

    @Test
    void what_a_workload_sends_unasked_closes_its_connection() throws IOException {
        Backend.Script chatty = (request, in, out) -> {
            out.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok".getBytes(ISO_8859_1));
            out.flush();
            OutputStream later = out;
            Thread.ofVirtual().start(() -> chat(later));
            return true;
        };
        try (Backend backend = new Backend(chatty);
                Stage stage = new Stage().with(ADAS, "ada", backend);
                RawClient client = stage.client()) {
            assertThat(client.exchange(stage.get("/")).body()).isEqualTo("ok");
            Await.until(() -> backend.openConnections() == 0);
        }
    }

    private static void chat(OutputStream out) {
        try {
            TimeUnit.MILLISECONDS.sleep(50);
            out.write("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil".getBytes(ISO_8859_1));
            out.flush();
        } catch (IOException | InterruptedException gone) {
            Thread.currentThread().interrupt();
        }
    }
}
