package org.carrel.front;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.carrel.domain.app.FrontRules;
import org.carrel.kind.Qap;
import org.carrel.support.Await;
import org.carrel.support.Needs;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.rosuda.REngine.Rserve.RConnection;

/// Real Rserves behind a real front.
@Needs(Needs.Thing.RSERVE)
@Timeout(120)
class FrontTest {
    @TempDir
    Path state;

    @Test
    void the_java_client_works_through_it_and_connections_are_spread() throws Exception {
        try (RserveBench bench = new RserveBench(state, 2, RserveBench.rules())) {
            Map<Integer, Integer> byParent = new HashMap<>();
            List<RConnection> open = new ArrayList<>();
            for (int i = 0; i < 10; i++) {
                RConnection connection =
                        new RConnection("127.0.0.1", bench.address().getPort());
                open.add(connection);
                assertThat(connection.eval("6 * 7").asInteger()).isEqualTo(42);
                byParent.merge(parent(connection), 1, Integer::sum);
            }
            assertThat(byParent)
                    .hasSize(2)
                    .allSatisfy((parent, children) -> assertThat(children).isEqualTo(5));
            double[] numbers = new double[1_000_000];
            open.getFirst().assign("x", numbers);
            assertThat(open.getFirst().eval("length(x)").asInteger()).isEqualTo(numbers.length);
            assertThat(open.getFirst().eval("x + 1").asDoubles())
                    .hasSize(numbers.length)
                    .contains(1.0);
            open.forEach(RConnection::close);
            Await.until("all are closed", () -> bench.counts().open() == 0);
            assertThat(bench.counts().of(Ended.CLIENT)).isEqualTo(10);
        }
    }

    private static int parent(RConnection connection) throws Exception {
        return connection
                .eval("as.integer(strsplit(readLines('/proc/self/stat'), ' ')[[1]][4])")
                .asInteger();
    }

    @Test
    void four_hundred_at_once_are_all_served_by_one_rserve_and_none_is_turned_away() throws Exception {
        FrontRules usual = RserveBench.rules();
        FrontRules wide =
                new FrontRules(usual.port(), List.of(), 400, 10, usual.patience(), usual.idle(), usual.maxLife());
        try (RserveBench bench = new RserveBench(state, 1, wide)) {
            assertThat(together(400, () -> {
                        try (Qap qap = Qap.connect(bench.address())) {
                            return qap.number("1 + 1");
                        }
                    }))
                    .hasSize(400)
                    .containsOnly(2.0);
            assertThat(bench.counts().elsewhere()).isZero();
        }
    }

    /// All begin at the same moment.
    private static <T> List<T> together(int many, Callable<T> task) throws Exception {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            CountDownLatch go = new CountDownLatch(1);
            List<Future<T>> running = new ArrayList<>();
            for (int i = 0; i < many; i++)
                running.add(threads.submit(() -> {
                    go.await();
                    return task.call();
                }));
            go.countDown();
            List<T> done = new ArrayList<>();
            for (Future<T> one : running) done.add(one.get(60, TimeUnit.SECONDS));
            return done;
        }
    }

    @Test
    void commands_for_the_whole_server_are_refused_and_the_connection_goes_on() throws Exception {
        try (RserveBench bench = new RserveBench(state, 1, RserveBench.rules());
                Qap qap = Qap.connect(bench.address())) {
            for (int command : List.of(Qap.SHUTDOWN, 0x30, 0x42, 0x44, 0x45)) {
                qap.send(command, Qap.string("x"));
                Qap.Answer answer = qap.answer();
                assertThat(answer.isOk()).isFalse();
                assertThat(answer.status()).as("disabled").isEqualTo(0x61);
            }
            assertThat(qap.number("40 + 2")).isEqualTo(42);
            assertThat(bench.counts().refusedCommands()).isEqualTo(5);
            assertThat(bench.ready()).hasSize(1);
        }
    }

    @Test
    void a_message_that_is_too_long_is_refused_and_half_a_header_keeps_nobody_else_waiting() throws Exception {
        try (RserveBench bench = new RserveBench(state, 1, RserveBench.rules());
                Qap half = Qap.connect(bench.address());
                Qap large = Qap.connect(bench.address());
                Qap other = Qap.connect(bench.address())) {
            half.write(ByteBuffer.wrap(new byte[] {3, 0, 0}));
            large.write(Qap.header(Qap.EVAL, 1L << 40));
            assertThat(large.answer().status()).isEqualTo(0x4b);
            assertThat(large.isAtEnd()).isTrue();
            assertThat(other.number("1")).isEqualTo(1);
        }
    }

    @Test
    void beyond_what_a_copy_takes_clients_stand_in_line_and_are_refused_in_the_servers_words_when_it_takes_too_long()
            throws Exception {
        FrontRules usual = RserveBench.rules();
        FrontRules narrow =
                new FrontRules(usual.port(), List.of(), 2, 1, Duration.ofSeconds(2), usual.idle(), usual.maxLife());
        try (RserveBench bench = new RserveBench(state, 1, narrow);
                Qap first = Qap.connect(bench.address());
                Qap second = Qap.connect(bench.address())) {
            ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
            Future<Double> third = threads.submit(() -> {
                try (Qap qap = Qap.connect(bench.address())) {
                    return qap.number("3");
                }
            });
            Await.until("the third stands in line", () -> bench.counts().waiting() == 1);
            try (Qap fourth = Qap.connect(bench.address())) {
                assertThat(fourth.eval("4").status()).as("unavailable").isEqualTo(0x62);
                assertThat(fourth.isAtEnd()).isTrue();
            }
            first.close();
            assertThat(third.get(20, TimeUnit.SECONDS)).isEqualTo(3);
            threads.close();
            assertThat(second.number("2")).isEqualTo(2);
            assertThat(bench.counts().of(Ended.UNAVAILABLE)).isEqualTo(1);
        }
    }

    @Test
    void one_address_has_only_so_many_and_may_come_again_when_one_of_them_is_closed() throws Exception {
        FrontRules usual = RserveBench.rules();
        FrontRules two = usual.of(2, usual.stall());
        try (RserveBench bench = new RserveBench(state, 1, two);
                Qap first = Qap.connect(bench.address());
                Qap second = Qap.connect(bench.address())) {
            try (Qap third = Qap.connect(bench.address())) {
                assertThat(third.eval("3").status()).as("unavailable").isEqualTo(0x62);
                assertThat(third.isAtEnd()).isTrue();
            }
            assertThat(bench.counts().of(Ended.PER_CLIENT)).isEqualTo(1);
            assertThat(second.number("2")).isEqualTo(2);
            first.close();
            Await.until("one is closed", () -> bench.counts().open() == 1);
            Await.until("there is room again", () -> {
                try (Qap fourth = Qap.connect(bench.address())) {
                    return fourth.eval("4").isOk();
                }
            });
        }
    }

    @Test
    void who_takes_nothing_of_an_answer_is_freed_with_its_r_and_who_reads_slowly_is_not() throws Exception {
        FrontRules usual = RserveBench.rules();
        FrontRules brief = usual.of(usual.perClient(), Duration.ofSeconds(1));
        try (RserveBench bench = new RserveBench(state, 1, brief);
                Qap stalled = Qap.connect(bench.address());
                Qap other = Qap.connect(bench.address())) {
            double child = stalled.number("as.numeric(Sys.getpid())");
            stalled.send(Qap.EVAL, Qap.string("numeric(8e6)"));
            Await.until("it is ended", () -> bench.counts().of(Ended.STALLED) == 1);
            Await.until(
                    "its R has ended",
                    () -> ProcessHandle.of((long) child)
                            .filter(ProcessHandle::isAlive)
                            .isEmpty());
            assertThat(other.number("2")).isEqualTo(2);
            assertThat(other.number("{ x <- numeric(8e6); sum(x) }")).isZero();
            other.send(Qap.EVAL, Qap.string("numeric(8e6)"));
            assertThat(other.answer(64 << 10, Duration.ofMillis(2)).isOk()).isTrue();
            assertThat(bench.counts().of(Ended.STALLED)).isEqualTo(1);
        }
    }

    @Test
    void who_asks_nothing_for_too_long_is_closed_and_who_waits_for_an_answer_is_not() throws Exception {
        FrontRules usual = RserveBench.rules();
        FrontRules brief = new FrontRules(
                usual.port(),
                List.of(),
                10,
                10,
                usual.patience(),
                Optional.of(Duration.ofMillis(700)),
                usual.maxLife());
        try (RserveBench bench = new RserveBench(state, 1, brief);
                Qap idle = Qap.connect(bench.address());
                Qap busy = Qap.connect(bench.address())) {
            assertThat(busy.number("{ Sys.sleep(2); 5 }")).isEqualTo(5);
            assertThat(idle.isAtEnd()).isTrue();
            assertThat(bench.counts().of(Ended.IDLE)).isGreaterThanOrEqualTo(1);
        }
    }

    @Test
    void a_copy_that_dies_takes_its_own_connections_along_and_new_ones_go_elsewhere() throws Exception {
        try (RserveBench bench = new RserveBench(state, 2, RserveBench.rules())) {
            Qap one = Qap.connect(bench.address());
            Qap other = Qap.connect(bench.address());
            String parents = "as.numeric(strsplit(readLines('/proc/self/stat'), ' ')[[1]][4])";
            assertThat(one.eval(parents).isOk()).isTrue();
            bench.agent.stop(bench.ready().getFirst().id(), new org.carrel.domain.session.End.Stopped("a test"));
            Await.until("one of them is closed", () -> bench.counts().open() == 1);
            Qap survivor = isAlive(one) ? one : other;
            assertThat(survivor.number("1")).isEqualTo(1);
            try (Qap fresh = Qap.connect(bench.address())) {
                assertThat(fresh.number("2")).isEqualTo(2);
            }
            one.close();
            other.close();
        }
    }

    private static boolean isAlive(Qap qap) {
        try {
            return qap.number("1") == 1;
        } catch (java.io.IOException gone) {
            return false;
        }
    }
}
