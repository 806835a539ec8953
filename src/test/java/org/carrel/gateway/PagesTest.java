package org.carrel.gateway;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.carrel.gateway.support.Stage.ADAS;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.carrel.gateway.support.Backend;
import org.carrel.gateway.support.RawClient;
import org.carrel.gateway.support.RawClient.Reply;
import org.carrel.gateway.support.Stage;
import org.carrel.http.Answer;
import org.carrel.http.Feed;
import org.junit.jupiter.api.Test;

/// Requests that our own handlers answer.
class PagesTest {
    private static String head(Stage stage, String request, String lines) {
        return request + " HTTP/1.1\r\nHost: " + stage.portal() + "\r\n" + lines + "\r\n";
    }

    private static Limits limits(int pagesAtOnce, int connections, Duration headPatience, Duration bodyPatience) {
        Limits.Counts c = Limits.Counts.DEFAULT;
        Limits.Silences s = Limits.Silences.DEFAULT;
        return new Limits(
                Limits.Sizes.DEFAULT,
                new Limits.Counts(
                        connections,
                        connections,
                        5,
                        pagesAtOnce,
                        c.eventStreams(),
                        c.upstreamPerSession(),
                        c.idleUpstreamPerSession()),
                new Limits.Silences(
                        headPatience,
                        bodyPatience,
                        s.keepAlive(),
                        s.connect(),
                        s.answer(),
                        s.upstreamIdle(),
                        s.stall(),
                        s.ping(),
                        s.recheck()));
    }

    private static Limits patient(int pagesAtOnce, int connections) {
        return limits(pagesAtOnce, connections, Duration.ofSeconds(10), Duration.ofSeconds(10));
    }

    @Test
    void a_page_reads_its_body_in_either_framing() throws IOException {
        try (Stage stage = new Stage().withPortal(request -> {
                    String body = new String(request.body().readAllBytes(), ISO_8859_1);
                    return Answer.text(
                            200,
                            body + request.parameters() + request.principal().isPresent());
                });
                RawClient client = stage.client()) {
            client.send(head(stage, "POST /x?a=%20b&a=c&d", "Content-Length: 5\r\n") + "hello");
            assertThat(client.reply().body()).isEqualTo("hello{a= b, d=}false");
            client.send(head(stage, "POST /x", "Cookie: carrel_user=ada\r\nTransfer-Encoding: chunked\r\n"));
            for (String part : new String[] {"3\r", "\nabc\r\n", "2\r\nde", "\r\n0\r\n", "\r\n"}) client.send(part);
            assertThat(client.reply().body()).isEqualTo("abcde{}true");
        }
    }

    @Test
    void a_body_over_the_limit_is_refused_before_or_while_it_is_read() throws IOException {
        try (Stage stage = new Stage().withPortal(request -> {
            request.body().readAllBytes();
            return Answer.text(200, "read");
        })) {
            try (RawClient client = stage.client()) {
                assertThat(client.exchange(head(stage, "POST /x", "Content-Length: 1048577\r\n"))
                                .status())
                        .isEqualTo(413);
            }
            try (RawClient client = stage.client()) {
                client.send(head(stage, "POST /x", "Transfer-Encoding: chunked\r\n"));
                for (int i = 0; i < 17; i++) client.send("10000\r\n" + "x".repeat(65536) + "\r\n");
                assertThat(client.reply().status()).isEqualTo(413);
            }
        }
    }

    @Test
    void a_client_that_waits_for_continue_is_told_to_go_on_when_the_body_is_wanted() throws IOException {
        try (Stage stage = new Stage()
                        .withPortal(request ->
                                Answer.text(200, new String(request.body().readAllBytes(), ISO_8859_1)));
                RawClient client = stage.client()) {
            client.send(head(stage, "POST /x", "Expect: 100-continue\r\nContent-Length: 5\r\n"));
            assertThat(client.reply().status()).isEqualTo(100);
            assertThat(client.send("hello").reply().body()).isEqualTo("hello");
        }
    }

    @Test
    void a_page_never_hears_of_a_body_whose_framing_is_broken() throws IOException {
        AtomicInteger asked = new AtomicInteger();
        try (Stage stage = new Stage().withPortal(request -> {
                    asked.incrementAndGet();
                    return Answer.text(200, "done");
                });
                RawClient client = stage.client()) {
            String broken = head(stage, "POST /x", "Transfer-Encoding: chunked\r\n") + "5\nhello\r\n0\r\n\r\n";
            assertThat(client.exchange(broken).status()).isEqualTo(400);
        }
        assertThat(asked).hasValue(0);
    }

    @Test
    void an_unread_body_ends_the_connection_behind_the_answer() throws IOException {
        try (Stage stage = new Stage();
                RawClient client = stage.client()) {
            client.send(head(stage, "POST /x", "Content-Length: 500000\r\n") + "some");
            Reply reply = client.reply();
            assertThat(reply.status()).isEqualTo(200);
            assertThat(reply.header("Connection")).contains("close");
        }
    }

    @Test
    void head_gets_the_length_alone() throws IOException {
        try (Stage stage = new Stage();
                RawClient client = stage.client()) {
            Reply reply = client.send(head(stage, "HEAD /x", "")).reply(true);
            assertThat(reply.header("Content-Length")).contains("10");
            assertThat(client.exchange(head(stage, "GET /x", "")).body()).isEqualTo("portal /x\n");
        }
    }

    @Test
    void a_handler_that_breaks_gives_500_and_the_connection_goes_on() throws IOException {
        try (Stage stage = new Stage().withPortal(request -> {
                    if (request.head().path().equals("/header"))
                        return Answer.empty(200).with("X-A", "b\r\nX-B: c");
                    throw new IllegalStateException("on purpose, in a test");
                });
                RawClient client = stage.client()) {
            assertThat(client.exchange(head(stage, "GET /", "")).body()).contains("500", "request");
            assertThat(client.exchange(head(stage, "GET /header", "")).status()).isEqualTo(500);
        }
    }

    @Test
    void two_cookies_of_one_name_are_refused() throws IOException {
        try (Stage stage = new Stage();
                RawClient client = stage.client()) {
            String two = "Cookie: carrel_user=ada; carrel_user=ben\r\n";
            assertThat(client.exchange(head(stage, "GET /", two)).status()).isEqualTo(400);
        }
    }

    @Test
    void too_many_pages_at_once_are_refused_at_once() throws Exception {
        CountDownLatch arrived = new CountDownLatch(2);
        CountDownLatch go = new CountDownLatch(1);
        try (Stage stage = new Stage(Stage.settings(patient(2, 100))).withPortal(request -> {
                    arrived.countDown();
                    go.await(10, TimeUnit.SECONDS);
                    return Answer.text(200, "ok");
                });
                RawClient one = stage.client();
                RawClient two = stage.client();
                RawClient three = stage.client()) {
            one.send(head(stage, "GET /", ""));
            two.send(head(stage, "GET /", ""));
            assertThat(arrived.await(10, TimeUnit.SECONDS)).isTrue();
            assertThat(three.exchange(head(stage, "GET /", "")).status()).isEqualTo(503);
            go.countDown();
            assertThat(one.reply().status()).isEqualTo(200);
            assertThat(two.reply().status()).isEqualTo(200);
        }
    }

    @Test
    void too_many_connections_of_all_or_of_one_address_are_told_so() throws IOException {
        told(2, 100);
        told(100, 2);
    }

    private static void told(int ofAll, int ofOne) throws IOException {
        Limits.Counts c = Limits.Counts.DEFAULT;
        Limits few = new Limits(
                Limits.Sizes.DEFAULT,
                new Limits.Counts(ofAll, ofOne, 5, 10, 10, c.upstreamPerSession(), c.idleUpstreamPerSession()),
                Limits.Silences.DEFAULT);
        try (Stage stage = new Stage(Stage.settings(few));
                RawClient one = stage.client();
                RawClient two = stage.client()) {
            assertThat(one.exchange(head(stage, "GET /", "")).status()).isEqualTo(200);
            assertThat(two.exchange(head(stage, "GET /", "")).status()).isEqualTo(200);
            try (RawClient three = stage.client()) {
                assertThat(three.reply().status()).isEqualTo(503);
            }
            one.close();
            Await.until(() -> stage.gateway().connections() == 1);
            try (RawClient four = stage.client()) {
                assertThat(four.exchange(head(stage, "GET /", "")).status()).isEqualTo(200);
            }
        }
    }

    @Test
    void a_connection_ends_politely_after_its_last_request() throws IOException {
        try (Stage stage = new Stage(Stage.settings(patient(10, 10)));
                RawClient client = stage.client()) {
            for (int i = 0; i < 4; i++)
                assertThat(client.exchange(head(stage, "GET /", "")).header("Connection"))
                        .isEmpty();
            assertThat(client.exchange(head(stage, "GET /", "")).header("Connection"))
                    .contains("close");
            assertThat(client.readToEnd()).isEmpty();
        }
    }

    @Test
    void a_head_that_drips_in_and_a_body_that_stops_are_ended() throws Exception {
        Limits hurried = limits(10, 10, Duration.ofMillis(300), Duration.ofMillis(300));
        try (Stage stage = new Stage(Stage.settings(hurried)).withPortal(request -> {
            request.body().readAllBytes();
            return Answer.text(200, "read");
        })) {
            try (RawClient client = stage.client()) {
                AtomicInteger sent = new AtomicInteger();
                Thread drip = Thread.ofVirtual().start(() -> drip(client, sent));
                assertThat(client.reply().status()).isEqualTo(408);
                assertThat(sent.get()).as("bytes until then").isLessThan(60);
                drip.join();
            }
            try (RawClient client = stage.client()) {
                client.send(head(stage, "POST /", "Content-Length: 5\r\n") + "he");
                assertThat(client.reply().status()).isEqualTo(408);
            }
        }
    }

    private static void drip(RawClient client, AtomicInteger sent) {
        try {
            for (char c : ("GET / HTTP/1.1\r\nX-A: " + "a".repeat(80)).toCharArray()) {
                client.send(String.valueOf(c));
                sent.incrementAndGet();
                TimeUnit.MILLISECONDS.sleep(30);
            }
        } catch (IOException | InterruptedException ended) {
            Thread.currentThread().interrupt();
        }
    }

    /// A feed in the test's hand.
    private static final class TestFeed implements Feed<Answer.Event> {
        final BlockingQueue<Answer.Event> events = new LinkedBlockingQueue<>();
        final CountDownLatch closed = new CountDownLatch(1);
        volatile boolean ended;

        @Override
        public Optional<Answer.Event> next(Duration patience) throws InterruptedException {
            long left = patience.toMillis();
            while (left > 0 && !ended) {
                Answer.Event event = events.poll(10, TimeUnit.MILLISECONDS);
                if (event != null) return Optional.of(event);
                left -= 10;
            }
            return Optional.ofNullable(events.poll());
        }

        @Override
        public boolean ended() {
            return ended && events.isEmpty();
        }

        @Override
        public void close() {
            ended = true;
            closed.countDown();
        }
    }

    @Test
    void events_arrive_as_they_happen_and_the_end_of_the_feed_ends_the_answer() throws Exception {
        TestFeed feed = new TestFeed();
        try (Stage stage = new Stage()
                        .withPortal(request -> request.head().path().equals("/events")
                                ? new Answer.Events(feed)
                                : Answer.text(200, "ok"));
                RawClient client = stage.client()) {
            client.send(head(stage, "GET /events", ""));
            assertThat(Backend.head(client.in())).contains("Content-Type: text/event-stream", "chunked");
            feed.events.add(new Answer.Event("stage", "{\"n\":1}"));
            String first = "event: stage\ndata: {\"n\":1}\n\n";
            assertThat(client.read(first.length() + 6)).isEqualTo("1c\r\n" + first + "\r\n");
            feed.events.add(new Answer.Event("", "x"));
            feed.ended = true;
            assertThat(client.read("9\r\ndata: x\n\n\r\n0\r\n\r\n".length())).endsWith("data: x\n\n\r\n0\r\n\r\n");
            assertThat(client.exchange(head(stage, "GET /", "")).body()).isEqualTo("ok");
            assertThat(feed.closed.await(10, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void a_feed_is_closed_when_its_reader_goes_and_when_the_gateway_closes() throws Exception {
        for (boolean gatewayGoes : new boolean[] {false, true}) {
            TestFeed feed = new TestFeed();
            try (Stage stage = new Stage().withPortal(request -> new Answer.Events(feed))) {
                RawClient client = stage.client();
                client.send(head(stage, "GET /events", ""));
                Backend.head(client.in());
                if (gatewayGoes) stage.close();
                else client.vanish();
                assertThat(feed.closed.await(10, TimeUnit.SECONDS)).isTrue();
                client.close();
            }
        }
    }

    @Test
    void a_page_and_a_session_share_one_connection() throws IOException {
        try (Backend backend = Backend.echo();
                Stage stage = new Stage().with(ADAS, "ada", backend);
                RawClient client = stage.client()) {
            for (int i = 0; i < 5; i++) {
                assertThat(client.exchange(head(stage, "GET /p", "")).body()).isEqualTo("portal /p\n");
                assertThat(client.exchange(stage.get("/s")).body()).startsWith("GET /s ");
            }
        }
    }
}
