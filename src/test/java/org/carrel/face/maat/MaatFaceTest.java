package org.carrel.face.maat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.carrel.api.Json;
import org.carrel.http.Answer;
import org.carrel.http.Header;
import org.carrel.port.OsHost;
import org.carrel.port.OsProcess;
import org.carrel.port.OsWatch;
import org.carrel.support.TestClock;
import org.carrel.support.TestRequest;
import org.junit.jupiter.api.Test;

/// What a balancer is answered, and what anybody else is.
class MaatFaceTest {
    private final TestClock clock = new TestClock();
    private final List<OsProcess> processes = new ArrayList<>();
    private final FakeWatch watch = new FakeWatch();
    private final MaatFace face = new MaatFace(
            new MaatFace.Rules(
                    "rsession", 1, Duration.ofSeconds(30), from -> from.equals(InetAddress.ofLiteral("192.168.1.9"))),
            watch,
            clock);

    private final class FakeWatch implements OsWatch {
        int looks;
        boolean broken;

        @Override
        public List<OsProcess> named(String name) throws IOException {
            looks++;
            if (broken) throw new IOException("no /proc");
            return processes.stream().filter(it -> it.name().equals(name)).toList();
        }

        @Override
        public OsHost host() {
            return new OsHost(12.34, 4, 1_000, 600, 100, 300, 50, 20);
        }
    }

    private void runs(String user, long pid) {
        processes.add(new OsProcess(
                pid,
                1,
                user,
                "rsession",
                clock.instant(),
                3.14,
                new OsProcess.Memory(100, 4_000, 30, 20, 10),
                2,
                List.of("rsession", "--user", "ä"),
                Optional.of("/home/" + user),
                Optional.empty()));
    }

    private Answer.Whole get(String target) throws IOException {
        return (Answer.Whole) face.answer(TestRequest.get(target));
    }

    private JsonNode json(String target) throws IOException {
        Answer.Whole answer = get(target);
        assertThat(answer.status()).as(target).isEqualTo(200);
        return Json.readTree(answer.body());
    }

    @Test
    void a_balancer_finds_out_who_it_talks_to() throws IOException {
        assertThat(get("/ping").body()).asString().isEqualTo("OK");
        assertThat(get("/v1/ping").status()).isEqualTo(200);
        assertThat(json("/info")).hasToString("{\"process_name\":\"rsession\",\"version\":\"v1\"}");
    }

    @Test
    void data_has_the_shapes_of_the_old_agent() throws IOException {
        runs("ada", 7);
        JsonNode first = json("/v1/data");
        assertThat(first.path("processes").path("ada").path(0))
                .hasToString("""
                {"username":"ada","cpu_percent":3.1,"memory_percent":10.0,"memory_info":\
                {"rss":100,"vms":4000,"shared":30,"text":20,"lib":0,"data":10,"dirty":0},"pid":7,"ppid":1,\
                "create_time":%s,"cwd":"/home/ada","num_threads":2,"cmdline":["rsession","--user","ä"],"exe":null,\
                "name":"rsession"}""".formatted((double) clock.instant().getEpochSecond()));
        assertThat(first.path("host")).hasToString("""
                {"cpu_percent":12.3,"cpu_nb":4,"memory_total":1000,"memory_used":600,"memory_free":100,\
                "memory_available":300,"memory_percent":70.0,"swap_total":50,"swap_used":30,"swap_free":20,\
                "swap_percent":60.0}""");
        assertThat(json("/v1/new_requests/ben/1")).hasToString("true");
        JsonNode data = json("/v1/data");
        assertThat(data.path("nb_process").asInt()).isEqualTo(1);
        assertThat(data.path("nb_requests").asInt()).isEqualTo(1);
        assertThat(data.path("nb").asInt()).isEqualTo(2);
        assertThat(data.path("max_process_by_user").asInt()).isEqualTo(1);
        double now = clock.instant().getEpochSecond();
        assertThat(data.path("requests").path("ben").path(0).asDouble()).isEqualTo(now);
        for (String word : List.of("processes_timestamp", "requests_timestamp", "host_timestamp", "timestamp"))
            assertThat(data.path(word).asDouble()).as(word).isEqualTo(now);
    }

    @Test
    void a_user_comes_by_request_and_process_and_goes() throws IOException {
        assertThat(json("/v1/new_requests/ada/0/0")).hasToString("true");
        assertThat(json("/v1/new_requests/ada/1/0")).hasToString("false");
        assertThat(json("/v1/new_requests/ben/4")).hasToString("false");
        assertThat(json("/v1/new_requests/ben/400/1")).hasToString("true");
        clock.advance(Duration.ofSeconds(2));
        runs("ada", 8);
        clock.advance(Duration.ofSeconds(2));
        JsonNode data = json("/v1/data");
        assertThat(data.path("requests").has("ada")).isFalse();
        assertThat(data.path("nb").asInt()).isEqualTo(2);
        assertThat(json("/v1/new_requests/ada/2")).hasToString("false");
        processes.clear();
        clock.advance(Duration.ofSeconds(27));
        assertThat(json("/v1/data").path("nb").asInt()).isZero();
        assertThat(json("/v1/new_requests/ada/0")).hasToString("true");
        assertThat(face.asked().get("granted").sum()).isEqualTo(3);
        assertThat(face.asked().get("at-maximum").sum()).isEqualTo(2);
        assertThat(face.asked().get("stale").sum()).isEqualTo(1);
        assertThat(face.waiting()).isEqualTo(1);
    }

    @Test
    void the_machine_is_looked_at_once_a_second_however_often_one_asks() throws IOException {
        for (int i = 0; i < 50; i++) json("/v1/data");
        assertThat(watch.looks).isEqualTo(1);
        clock.advance(Lookout.FRESH);
        json("/v1/data");
        assertThat(watch.looks).isEqualTo(2);
    }

    @Test
    void without_a_look_nobody_is_let_in() {
        watch.broken = true;
        assertThatThrownBy(() -> get("/v1/new_requests/ada/0/1")).isInstanceOf(IOException.class);
        assertThat(face.waiting()).isZero();
    }

    @Test
    void only_loopback_and_listed_addresses_may_ask() throws IOException {
        for (String from : List.of("192.168.1.8", "2001:db8::1", "0.0.0.0")) {
            TestRequest request = TestRequest.get("/v1/new_requests/ada/0/1").from(InetAddress.ofLiteral(from));
            assertThat(((Answer.Whole) face.answer(request)).status()).as(from).isEqualTo(403);
        }
        assertThat(face.waiting()).isZero();
        assertThat(face.strangers()).isEqualTo(3);
        for (String from : List.of("192.168.1.9", "::1", "127.0.0.2"))
            assertThat(((Answer.Whole) face.answer(TestRequest.get("/ping").from(InetAddress.ofLiteral(from))))
                            .status())
                    .as(from)
                    .isEqualTo(200);
    }

    @Test
    void only_get_registers() throws IOException {
        for (String method : List.of("HEAD", "POST", "PUT", "DELETE", "OPTIONS", "BREW")) {
            Answer.Whole answer = (Answer.Whole) face.answer(TestRequest.of(method, "/v1/new_requests/ada/0/1"));
            assertThat(answer.status()).as(method).isEqualTo(405);
            assertThat(answer.headers()).extracting(Header::name).contains("Allow");
        }
        assertThat(face.waiting()).isZero();
        assertThat(((Answer.Whole) face.answer(TestRequest.of("HEAD", "/v1/data"))).status())
                .isEqualTo(200);
    }

    @Test
    void hostile_paths_change_nothing() throws IOException {
        for (String path : List.of(
                "/",
                "/v2/data",
                "/v1/data/",
                "//v1/data",
                "/v1/new_requests",
                "/v1/new_requests/",
                "/v1/new_requests/ada",
                "/v1/new_requests//0",
                "/v1/new_requests/ada/-1",
                "/v1/new_requests/ada/1e3",
                "/v1/new_requests/ada/0x1",
                "/v1/new_requests/ada/0/true",
                "/v1/new_requests/ada/0/1/2",
                "/v1/new_requests/a/b/0"))
            assertThat(get(path).status()).as(path).isEqualTo(404);
        for (String name : List.of("%", "%zz", "%00", "a%0ab", "%e2%80%ae", "%ff", "a%22b", "a".repeat(257)))
            assertThat(get("/v1/new_requests/" + name + "/0/1").status())
                    .as(name)
                    .isEqualTo(400);
        assertThat(face.waiting()).isZero();
    }

    @Test
    void odd_names_and_huge_numbers_are_only_names_and_numbers() throws IOException {
        String huge = "9".repeat(3_000);
        assertThat(json("/v1/new_requests/ada/" + huge)).hasToString("false");
        assertThat(json("/v1/new_requests/ada/" + huge + "/0")).hasToString("false");
        assertThat(json("/v1/new_requests/LAB%5cJos%c3%a9+x@lab.example/0/" + huge))
                .hasToString("true");
        assertThat(json("/v1/data").path("requests").has("LAB\\José+x@lab.example"))
                .isTrue();
    }

    @Test
    void who_asks_too_often_waits_for_the_next_second() throws IOException {
        for (int i = 0; i < MaatFace.PER_SECOND; i++)
            assertThat(get("/ping").status()).isEqualTo(200);
        assertThat(get("/v1/new_requests/ada/0/1").status()).isEqualTo(429);
        assertThat(face.waiting()).isZero();
        clock.advance(Duration.ofSeconds(1));
        assertThat(get("/ping").status()).isEqualTo(200);
        assertThat(face.hasty()).isEqualTo(1);
    }
}
