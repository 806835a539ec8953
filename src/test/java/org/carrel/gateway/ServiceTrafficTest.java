package org.carrel.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.carrel.domain.app.Service;
import org.carrel.domain.session.Endpoint;
import org.carrel.domain.session.SessionId;
import org.carrel.gateway.support.Backend;
import org.carrel.gateway.support.RawClient;
import org.carrel.gateway.support.RawClient.Reply;
import org.carrel.gateway.support.Stage;
import org.carrel.port.Pages.Hindrance;
import org.junit.jupiter.api.Test;

/// Requests to a service go to its copies in turn.
class ServiceTrafficTest {
    private static final SessionId ONE = new SessionId("oneoneoneoneonea");
    private static final SessionId TWO = new SessionId("twotwotwotwotwot");

    private static String get(String host, String path, String... more) {
        return "GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\n" + String.join("", more) + "\r\n";
    }

    private static Backend saying(String who) {
        return Backend.answering(
                seen -> "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 3\r\n\r\n" + who);
    }

    private static final String ADA = "Authorization: Bearer ada\r\n";

    @Test
    void copies_take_turns_and_see_no_prefix() throws IOException {
        try (Backend one = saying("one");
                Backend two = saying("two");
                Stage stage = new Stage().withCopy(ONE, one.endpoint(), false).withCopy(TWO, two.endpoint(), false);
                RawClient client = stage.client()) {
            Map<String, Integer> answers = new HashMap<>();
            for (int i = 0; i < 10; i++) {
                Reply reply = client.exchange(get(stage.portal(), "/service/site/a?b=" + i, ADA));
                assertThat(reply.status()).isEqualTo(200);
                answers.merge(reply.body(), 1, Integer::sum);
            }
            assertThat(answers).isEqualTo(Map.of("one", 5, "two", 5));
            assertThat(one.last().line()).startsWith("GET /a?b=");
            assertThat(one.last().header("X-Forwarded-Prefix")).contains("/service/site");
            assertThat(one.last().header("X-Carrel-User")).contains("ada");
            assertThat(one.last().header("Authorization")).isEmpty();
        }
    }

    @Test
    void where_nobody_listens_another_copy_answers_with_the_whole_request() throws IOException {
        try (Backend two = Backend.echo();
                Stage stage = new Stage().withCopy(ONE, nobody(), false).withCopy(TWO, two.endpoint(), false);
                RawClient client = stage.client()) {
            for (int i = 0; i < 6; i++) {
                Reply reply = client.exchange("POST /service/site/p HTTP/1.1\r\nHost: " + stage.portal() + "\r\n" + ADA
                        + "Content-Length: 5\r\n\r\nhello");
                assertThat(reply.status()).isEqualTo(200);
                assertThat(two.last().bodyText()).isEqualTo("hello");
            }
            assertThat(two.seen()).hasSize(6);
        }
    }

    @Test
    void what_was_sent_to_one_copy_is_sent_to_no_other() throws IOException {
        Backend.Script breaksOff = (request, in, out) -> false;
        try (Backend one = new Backend(breaksOff);
                Backend two = new Backend(breaksOff);
                Stage stage = new Stage().withCopy(ONE, one.endpoint(), false).withCopy(TWO, two.endpoint(), false);
                RawClient client = stage.client()) {
            Reply reply = client.exchange("POST /service/site/p HTTP/1.1\r\nHost: " + stage.portal() + "\r\n" + ADA
                    + "Content-Length: 0\r\n\r\n");
            assertThat(reply.status()).isEqualTo(502);
            assertThat(one.connections() + two.connections()).isEqualTo(1);
        }
    }

    @Test
    void a_request_that_does_no_harm_twice_goes_to_another_copy_when_one_breaks_off() throws IOException {
        AtomicInteger broken = new AtomicInteger();
        Backend.Script breaksOff = (request, in, out) -> {
            broken.incrementAndGet();
            return false;
        };
        try (Backend one = new Backend(breaksOff);
                Backend two = saying("two");
                Stage stage = new Stage().withCopy(ONE, one.endpoint(), false).withCopy(TWO, two.endpoint(), false);
                RawClient client = stage.client()) {
            for (int i = 0; i < 6; i++)
                assertThat(client.exchange(get(stage.portal(), "/service/site/" + i, ADA))
                                .body())
                        .isEqualTo("two");
            assertThat(broken.get()).isPositive();
            assertThat(two.seen()).hasSize(6);
            int before = broken.get();
            for (int i = 0; i < 2; i++) {
                Reply post = client.exchange("POST /service/site/p HTTP/1.1\r\nHost: " + stage.portal() + "\r\n" + ADA
                        + "Content-Length: 5\r\n\r\nhello");
                assertThat(post.status()).isIn(200, 502);
                Reply body = client.exchange("GET /service/site/g HTTP/1.1\r\nHost: " + stage.portal() + "\r\n" + ADA
                        + "Content-Length: 5\r\n\r\nhello");
                assertThat(body.status()).isIn(200, 502);
            }
            assertThat(broken.get()).as("each was lost once and not repeated").isEqualTo(before + 2);
        }
    }

    @Test
    void where_all_copies_break_off_each_was_asked_once_and_it_says_so() throws IOException {
        Backend.Script breaksOff = (request, in, out) -> false;
        try (Backend one = new Backend(breaksOff);
                Backend two = new Backend(breaksOff);
                Stage stage = new Stage().withCopy(ONE, one.endpoint(), false).withCopy(TWO, two.endpoint(), false);
                RawClient client = stage.client()) {
            assertThat(client.exchange(get(stage.portal(), "/service/site/", ADA))
                            .status())
                    .isEqualTo(502);
            assertThat(stage.hindered().getLast().why())
                    .isInstanceOfSatisfying(
                            Hindrance.Refused.class,
                            why -> assertThat(why.why()).contains("broke off without an answer"));
            assertThat(one.connections() + two.connections()).isEqualTo(2);
        }
    }

    @Test
    void a_copy_that_answers_nothing_or_nonsense_is_given_up() throws IOException {
        Limits.Silences usual = Limits.Silences.DEFAULT;
        Limits limits = new Limits(
                Limits.Sizes.DEFAULT,
                Limits.Counts.DEFAULT,
                new Limits.Silences(
                        usual.head(),
                        usual.body(),
                        usual.keepAlive(),
                        usual.connect(),
                        Duration.ofMillis(200),
                        usual.upstreamIdle(),
                        usual.stall(),
                        usual.ping(),
                        usual.recheck()));
        Backend.Script silent = (request, in, out) -> in.read() >= 0;
        try (Backend one = new Backend(silent);
                Backend two = saying("two");
                Stage stage = new Stage(Stage.settings(limits))
                        .withCopy(ONE, one.endpoint(), false)
                        .withCopy(TWO, two.endpoint(), false);
                RawClient client = stage.client()) {
            for (int i = 0; i < 2; i++)
                assertThat(client.exchange(get(stage.portal(), "/service/site/", ADA))
                                .body())
                        .isEqualTo("two");
            assertThat(one.seen()).isNotEmpty();
        }
        try (Backend one = Backend.answering(request -> "nonsense\r\n\r\n");
                Backend two = Backend.answering(request -> "nonsense\r\n\r\n");
                Stage stage = new Stage().withCopy(ONE, one.endpoint(), false).withCopy(TWO, two.endpoint(), false);
                RawClient client = stage.client()) {
            assertThat(client.exchange(get(stage.portal(), "/service/site/", ADA))
                            .status())
                    .isEqualTo(502);
            assertThat(one.connections() + two.connections()).isEqualTo(1);
        }
    }

    @Test
    void without_a_copy_that_answers_it_says_so() throws IOException {
        try (Stage stage = new Stage();
                RawClient client = stage.client()) {
            Reply none = client.exchange(get(stage.portal(), "/service/site/", ADA));
            assertThat(none.status()).isEqualTo(503);
            assertThat(none.header("Retry-After")).isPresent();
            stage.withCopy(ONE, nobody(), false);
            stage.endAndShow(TWO);
            assertThat(client.exchange(get(stage.portal(), "/service/site/", ADA))
                            .status())
                    .isEqualTo(503);
            assertThat(client.exchange(get(stage.portal(), "/service/No/", ADA)).status())
                    .isEqualTo(404);
            assertThat(client.exchange(get(stage.portal(), "/service/site?x=1", ADA))
                            .header("Location"))
                    .contains("/service/site/?x=1");
        }
    }

    @Test
    void whoever_is_not_signed_in_comes_into_anonymous_services_only_and_is_nobody_there() throws IOException {
        try (Backend one = saying("one");
                Stage stage = new Stage().withCopy(ONE, one.endpoint(), false);
                RawClient client = stage.client()) {
            assertThat(client.exchange(get(stage.portal(), "/service/site/")).status())
                    .isEqualTo(401);
            assertThat(stage.hindered().getLast().why()).isInstanceOf(Hindrance.Unproved.class);
            assertThat(one.seen()).isEmpty();
            stage.withCopy(ONE, one.endpoint(), true);
            assertThat(client.exchange(get(stage.portal(), "/service/site/", "X-Carrel-User: admin\r\n"))
                            .body())
                    .isEqualTo("one");
            assertThat(one.last().header("X-Carrel-User")).isEmpty();
        }
    }

    @Test
    void its_pages_are_sandboxed_on_the_portal_s_host_but_of_a_trusted_one_and_have_no_bar() throws IOException {
        try (Backend one = saying("one");
                Stage stage = new Stage().withCopy(ONE, one.endpoint(), true);
                RawClient client = stage.client()) {
            String page = "Sec-Fetch-Dest: document\r\nAccept: text/html\r\n";
            String bare = "127.0.0.1:" + stage.gateway().address().getPort();
            for (String host : List.of(stage.portal(), bare)) {
                Reply own = client.exchange(get(host, "/service/site/", page));
                assertThat(own.header("Content-Security-Policy").orElse(""))
                        .startsWith("sandbox ")
                        .doesNotContain("same-origin");
                assertThat(own.body()).isEqualTo("one");
            }
            stage.withSite(new Service(List.of(), true, List.of(), true));
            for (String host : List.of(stage.portal(), bare))
                assertThat(client.exchange(get(host, "/service/site/", page)).header("Content-Security-Policy"))
                        .isEmpty();
        }
    }

    /// a port at which nobody listens
    private static Endpoint nobody() throws IOException {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return new Endpoint.Tcp(free.getLocalPort());
        }
    }
}
