package org.carrel.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.carrel.cluster.Members;
import org.carrel.support.Await;
import org.carrel.support.Needs;
import org.carrel.trust.ClusterKey;
import org.carrel.trust.ClusterName;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;

/// Many begins in a few seconds on whole programs: gateways that run nothing, and machines of unequal size.
/// Each begin is a process of its own, a small server in Perl.
///
/// Not part of the suite, since so many programs on one small machine take minutes: `mvn test -Dtest=BurstOfPrograms`,
/// with 3 machines, 2 gateways and 60 begins, or with `-Dcarrel.begins=300 -Dcarrel.machines=6 -Dcarrel.gateways=4`.
/// With `-Dcarrel.warm=600` so many sessions are begun and ended before, few at a time: the burst then meets programs
/// that have been at work for a while, not ones that have just started. With `-Dcarrel.bursts=3` it comes three times.
/// With `-Dcarrel.together=true` the machines share one JVM, and the gateways but the last, which is killed, another.
@Tag("slow")
@Needs({Needs.Thing.ROOT, Needs.Thing.PERL})
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.MethodName.class)
class BurstOfPrograms {
    private static final int BEGINS = Integer.getInteger("carrel.begins", 60);
    private static final int MACHINES = Integer.getInteger("carrel.machines", 3);
    private static final int GATEWAYS = Integer.getInteger("carrel.gateways", 2);
    private static final int BURSTS = Integer.getInteger("carrel.bursts", 1);
    private static final int WARM = Integer.getInteger("carrel.warm", 0);
    private static final int WARM_AT_ONCE = 4;
    private static final boolean TOGETHER = Boolean.getBoolean("carrel.together");
    private static final int[] PLACES = {40, 60, 60, 80, 100, 160};
    /// 300 in 10 s
    private static final int MILLIS_BETWEEN = 33;
    private static final String NET = Members.freeNet();
    private static final List<String> USERS = List.of("ada", "ben", "admin");
    private static final String SERVER = "socket(S,AF_UNIX,SOCK_STREAM,0);bind(S,sockaddr_un($ARGV[0]));listen(S,64);"
            + "while(accept(C,S)){sysread(C,$b,4096);syswrite(C,qq(HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\n"
            + "Connection: close\\r\\n\\r\\nok));close C}";

    private final List<RunningCarrel> machines = new ArrayList<>();
    private final List<RunningCarrel> gateways = new ArrayList<>();
    private Path key;
    /// a ticket is good for one begin
    private int round;

    @BeforeAll
    void open() throws Exception {
        Path above = Files.createTempDirectory("ck");
        Files.setPosixFilePermissions(above, PosixFilePermissions.fromString("rwxr-xr-x"));
        key = above.resolve("key");
        ClusterKey.make(key, new ClusterName("lab"), Instant.now());
        for (int i = 1; i <= MACHINES; i++) machines.add(prepared(i));
        for (int i = 1; i <= GATEWAYS; i++) gateways.add(prepared(MACHINES + i));
        if (TOGETHER) {
            RunningCarrel.startTogether(machines);
            RunningCarrel.startTogether(gateways.subList(0, GATEWAYS - 1));
            RunningCarrel.startTogether(gateways.subList(GATEWAYS - 1, GATEWAYS));
        } else
            try (ExecutorService starting = Executors.newVirtualThreadPerTaskExecutor()) {
                List<Future<?>> starts = new ArrayList<>();
                for (RunningCarrel each : all())
                    starts.add(starting.submit(() -> {
                        each.startAgain();
                        return null;
                    }));
                for (Future<?> each : starts) each.get();
            }
        for (RunningCarrel gateway : gateways) {
            RunningCarrel.await("a whole cluster", () -> allUp(gateway));
            for (String user : USERS) gateway.token(user);
        }
        for (RunningCarrel machine : machines) for (String user : USERS) machine.token(user);
        warm();
    }

    private void warm() throws Exception {
        for (int done = 0; done < WARM; done += BEGINS) {
            try (ExecutorService users = Executors.newFixedThreadPool(WARM_AT_ONCE)) {
                List<Future<Long>> begun = new ArrayList<>();
                for (int i = 0; i < Math.min(BEGINS, WARM - done); i++) {
                    int user = i;
                    begun.add(users.submit(() -> begin(user, "stub", gateways.get(user % GATEWAYS))));
                }
                for (Future<Long> each : begun) each.get();
            }
            endAll();
        }
    }

    @AfterAll
    void close() throws Exception {
        for (RunningCarrel carrel : gateways) carrel.close();
        for (RunningCarrel carrel : machines) carrel.close();
        try (Stream<Path> all = Files.walk(key.getParent())) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) Files.deleteIfExists(path);
        }
    }

    @AfterEach
    void endAll() throws Exception {
        round++;
        for (int i = 0; i < MACHINES; i++) {
            String name = "n" + (i + 1);
            RunningCarrel machine = machines.get(i);
            for (JsonNode session : get(machine, "/api/v1/sessions?all=true").path("items"))
                if (session.path("node").asText().equals(name))
                    machine.send(
                            "admin",
                            "DELETE",
                            "/api/v1/sessions/" + session.path("id").asText(),
                            "");
            RunningCarrel.await(
                    "nothing on " + name, () -> sessions(machine, name).isEmpty());
        }
    }

    @Test
    void a_burst_fills_the_machines_alike_and_begins_each_key_once() throws Exception {
        for (int i = 0; i < BURSTS; i++) {
            if (i > 0) endAll();
            burst();
        }
    }

    private void burst() throws Exception {
        List<Long> waits = new ArrayList<>();
        try (ExecutorService users = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Long>> begun = new ArrayList<>();
            for (int i = 0; i < BEGINS; i++) {
                int user = i;
                begun.add(users.submit(() -> begin(user, "stub", gateways.get(user % GATEWAYS))));
                // every tenth clicks twice, the second time at another gateway
                if (user % 10 == 0) users.submit(() -> begin(user, "stub", gateways.get((user + 1) % GATEWAYS)));
                TimeUnit.MILLISECONDS.sleep(MILLIS_BETWEEN);
            }
            for (Future<Long> each : begun) waits.add(each.get());
        }
        Map<String, Integer> live = allLive();
        double mean = BEGINS / (double) places();
        double fullest = 0;
        for (int i = 0; i < MACHINES; i++) {
            double fill = live.getOrDefault("n" + (i + 1), 0) / (double) PLACES[i];
            assertThat(fill).isLessThanOrEqualTo(1);
            fullest = Math.max(fullest, fill);
        }
        waits.sort(null);
        System.out.printf(
                Locale.ROOT,
                "burst: %d begins in %.1f s at %d gateways for %d machines: fullest/mean %.3f, placed median %.0f ms,"
                        + " p99 %.0f ms%n",
                BEGINS,
                BEGINS * MILLIS_BETWEEN / 1e3,
                GATEWAYS,
                MACHINES,
                fullest / mean,
                waits.get(BEGINS / 2) / 1e6,
                waits.get(BEGINS * 99 / 100) / 1e6);
        // with few begins one more here or there weighs much
        assertThat(fullest / mean).isLessThanOrEqualTo(BEGINS >= 300 ? 1.10 : 1.35);
    }

    @Test
    void with_a_killed_gateway_a_drain_a_new_app_and_a_flapping_machine_no_key_begins_twice_and_none_is_lost()
            throws Exception {
        RunningCarrel killed = gateways.getLast();
        RunningCarrel flapping = machines.getLast();
        try {
            faults(killed, flapping);
            allLive();
        } finally {
            signal(flapping, "CONT");
            killed.startAgain();
        }
        RunningCarrel.await("a whole cluster again", () -> allUp(killed));
        // no reservation is left: what is committed is what runs
        for (int i = 0; i < MACHINES; i++) {
            String name = "n" + (i + 1);
            RunningCarrel machine = machines.get(i);
            RunningCarrel.await(name + " has committed what runs", () -> {
                JsonNode node = get(machine, "/api/v1/nodes/" + name);
                return node.get("sessions").asInt() == sessions(machine, name).size()
                        && node.get("starting").asInt() == 0
                        && node.get("queued").asInt() == 0;
            });
        }
    }

    private void faults(RunningCarrel killed, RunningCarrel flapping) throws Exception {
        try (ExecutorService users = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Long>> begun = new ArrayList<>();
            for (int i = 0; i < BEGINS; i++) {
                int user = i;
                String app = i > BEGINS / 2 && i % 5 == 0 ? "late" : "stub";
                begun.add(users.submit(() -> begin(user, app, gateways.get(user % GATEWAYS))));
                if (i == BEGINS / 5) signal(flapping, "STOP");
                if (i == BEGINS / 4) killed.kill9();
                if (i == BEGINS / 3) users.submit(() -> drain(true));
                if (i == BEGINS / 2) for (RunningCarrel each : all()) late(each);
                if (i == BEGINS * 2 / 3) signal(flapping, "CONT");
                if (i == BEGINS * 3 / 4) users.submit(() -> drain(false));
                TimeUnit.MILLISECONDS.sleep(MILLIS_BETWEEN);
            }
            for (Future<Long> each : begun) each.get();
        }
    }

    /// As a patient user: what is refused or not answered is asked again, with the same ticket, at the next gateway.
    /// @return nanoseconds until it was placed
    private long begin(int user, String app, RunningCarrel first) throws Exception {
        long began = System.nanoTime();
        String who = USERS.get(user % USERS.size());
        String ticket = "t" + round + "-" + user;
        int at = gateways.indexOf(first);
        for (int tries = 0; ; tries++) {
            RunningCarrel gateway = gateways.get((at + tries) % GATEWAYS);
            try {
                HttpResponse<String> answer = gateway.send(
                        who,
                        "POST",
                        "/api/v1/sessions",
                        "{\"app\":\"%s\",\"name\":\"k%d\",\"queue\":true,\"ticket\":\"%s\"}"
                                .formatted(app, user, ticket));
                if (answer.statusCode() / 100 == 2) return System.nanoTime() - began;
                if (tries > 200) throw new AssertionError(answer.body());
                // an app that was just added is known everywhere a moment later
                if (!Set.of(503, 404, 409).contains(answer.statusCode())) throw new AssertionError(answer.body());
            } catch (IOException gone) {
                if (tries > 200) throw gone;
            }
            TimeUnit.MILLISECONDS.sleep(50);
        }
    }

    private Void drain(boolean on) throws Exception {
        gateways.getFirst().send("admin", "POST", "/api/v1/nodes/n1/" + (on ? "drain" : "undrain"), "");
        return null;
    }

    /// That all are there is shown a moment after the last was placed: a machine's list follows its agent.
    private Map<String, Integer> allLive() throws Exception {
        Map<String, Integer> live = new TreeMap<>();
        try {
            Await.until("all are there", () -> {
                live.putAll(live());
                return live.values().stream().mapToInt(it -> it).sum() == BEGINS;
            });
        } catch (AssertionError notAll) {
            throw new AssertionError(live + ", and ended: " + ended(), notAll);
        }
        return live;
    }

    /// Live sessions of each machine, as the machine itself says; no key twice.
    private Map<String, Integer> live() throws Exception {
        Map<String, Integer> live = new TreeMap<>();
        Set<String> keys = new HashSet<>();
        for (int i = 0; i < MACHINES; i++) {
            String name = "n" + (i + 1);
            List<String> here = sessions(machines.get(i), name);
            live.put(name, here.size());
            for (String session : here)
                assertThat(keys.add(session)).as("twice: " + session).isTrue();
        }
        return live;
    }

    private static List<String> sessions(RunningCarrel machine, String name) {
        List<String> keys = new ArrayList<>();
        for (JsonNode session : get(machine, "/api/v1/sessions?all=true").path("items"))
            if (session.path("node").asText().equals(name)
                    && !session.path("state").asText().equals("ended"))
                keys.add(session.path("owner").asText() + " "
                        + session.path("app").asText() + " "
                        + session.path("name").asText());
        return keys;
    }

    /// What ended though nobody stopped it.
    private List<String> ended() {
        List<String> ended = new ArrayList<>();
        for (int i = 0; i < MACHINES; i++) {
            String name = "n" + (i + 1);
            for (JsonNode session :
                    get(machines.get(i), "/api/v1/sessions?all=true").path("items"))
                if (session.path("node").asText().equals(name)
                        && session.path("state").asText().equals("ended")
                        && !session.path("reason").asText().contains("admin")) ended.add(session.toString());
        }
        return ended;
    }

    private static JsonNode get(RunningCarrel carrel, String path) {
        try {
            return carrel.get("admin", path);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private boolean allUp(RunningCarrel seenFrom) {
        Map<String, String> states = new HashMap<>(seenFrom.nodeStates());
        return states.size() == MACHINES + GATEWAYS && states.values().stream().allMatch("up"::equals);
    }

    private List<RunningCarrel> all() {
        return Stream.concat(machines.stream(), gateways.stream()).toList();
    }

    private int places() {
        int places = 0;
        for (int i = 0; i < MACHINES; i++) places += PLACES[i];
        return places;
    }

    private static void signal(RunningCarrel carrel, String name) throws Exception {
        new ProcessBuilder("kill", "-" + name, Long.toString(carrel.pid()))
                .start()
                .waitFor();
    }

    /// An app is added while it runs, everywhere.
    private static void late(RunningCarrel carrel) throws IOException {
        Path fresh = Files.createDirectory(carrel.apps().resolve(".late"));
        Files.writeString(fresh.resolve("carrel.yaml"), app());
        Files.setPosixFilePermissions(fresh, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.move(fresh, carrel.apps().resolve("late"));
    }

    private static String app() {
        return "{kind: web, cpu: 0.01, memory: 16M, command: "
                + json(List.of("perl", "-MSocket", "-e", SERVER, "{socket}")) + "}\n";
    }

    private static String json(List<String> words) {
        try {
            return new ObjectMapper().writeValueAsString(words);
        } catch (IOException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private RunningCarrel prepared(int number) throws Exception {
        boolean gateway = number > MACHINES;
        int places = gateway ? 0 : PLACES[number - 1];
        return RunningCarrel.prepared("""
                node: {name: %1$s%2$d, roles: [%6$s], capacity: {sessions: %3$d, memory: %4$dM, cpu: 64, starts: 2}}
                cluster: {key: %5$s, address: %7$s%2$d, peers: [%7$s1, %7$s2]}
                apps:
                  stub: %8$s
                """.formatted(
                        gateway ? "g" : "n",
                        number,
                        places,
                        Math.max(64, places * 16),
                        key,
                        gateway ? "gateway" : "agent, gateway",
                        NET,
                        app()));
    }
}
