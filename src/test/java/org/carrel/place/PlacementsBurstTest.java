package org.carrel.place;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.carrel.domain.session.Session;
import org.carrel.domain.session.SessionKey;
import org.carrel.port.Begun;
import org.junit.jupiter.api.Test;

/// 300 users who come at about the same time, through four gateways, to six machines of unequal size, which hear of
/// each
/// other once a second: the very classes of the program, but for the doors between.
class PlacementsBurstTest {
    private static final int USERS = 300;
    private static final int GATEWAYS = 4;
    private static final int[] PLACES = {40, 60, 60, 80, 100, 160};
    private static final int MILLIS_BETWEEN = 10;

    @Test
    void a_burst_fills_the_machines_alike_and_begins_each_key_once() throws Exception {
        List<Long> waits = new ArrayList<>();
        AtomicBoolean over = new AtomicBoolean();
        try (PlaceLab lab = new PlaceLab(PLACES);
                ExecutorService users = Executors.newVirtualThreadPerTaskExecutor()) {
            Thread gossip = Thread.ofVirtual().start(() -> {
                while (!over.get()) {
                    lab.gossip();
                    try {
                        TimeUnit.SECONDS.sleep(1);
                    } catch (InterruptedException e) {
                        return;
                    }
                }
            });
            List<Future<Long>> asked = new ArrayList<>();
            for (int i = 0; i < USERS; i++) {
                int user = i;
                asked.add(users.submit(() -> {
                    long began = System.nanoTime();
                    Placements gateway = lab.node(1 + user % GATEWAYS).placements;
                    Begun answer = gateway.start(PlaceLab.waiting("u" + user, "r" + user));
                    while (answer instanceof Begun.Waiting)
                        answer = gateway.start(PlaceLab.waiting("u" + user, "r" + user));
                    assertThat(answer).isInstanceOfAny(Begun.Granted.class, Begun.Existing.class);
                    return System.nanoTime() - began;
                }));
                // every tenth clicks twice, the second time at another gateway
                if (user % 10 == 0)
                    users.submit(() -> lab.node(1 + (user + 1) % GATEWAYS)
                            .placements
                            .start(PlaceLab.now("u" + user, "again" + user)));
                TimeUnit.MILLISECONDS.sleep(MILLIS_BETWEEN);
            }
            for (Future<Long> each : asked) waits.add(each.get());
            over.set(true);
            gossip.interrupt();
            List<Session> live = lab.live();
            Set<SessionKey> keys = live.stream().map(Session::key).collect(Collectors.toCollection(HashSet::new));
            assertThat(live).hasSize(USERS);
            assertThat(keys).hasSize(USERS);
            double fullest = 0;
            for (int number = 1; number <= PLACES.length; number++) {
                double fill = lab.node(number).live().size() / (double) PLACES[number - 1];
                assertThat(fill).isLessThanOrEqualTo(1);
                fullest = Math.max(fullest, fill);
            }
            double mean = USERS / (double) IntStream.of(PLACES).sum();
            waits.sort(null);
            System.out.printf(
                    Locale.ROOT,
                    "burst: fullest/mean %.3f, placed median %.1f ms, p99 %.1f ms%n",
                    fullest / mean,
                    waits.get(USERS / 2) / 1e6,
                    waits.get(USERS * 99 / 100) / 1e6);
            assertThat(fullest / mean).isLessThanOrEqualTo(1.15);
        }
    }
}
