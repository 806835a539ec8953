package org.carrel.gateway;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.carrel.gateway.support.Stage.ADAS;

import io.netty.util.ResourceLeakDetector;
import io.netty.util.ResourceLeakDetectorFactory;
import java.io.File;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.carrel.gateway.support.Backend;
import org.carrel.gateway.support.EchoSocket;
import org.carrel.gateway.support.RawClient;
import org.carrel.gateway.support.Stage;
import org.junit.jupiter.api.Test;

/// Clients that go without a word, at every point: afterwards everything is as it was before. More of them with
/// `-Dcarrel.vanish=10000`.
class VanishTest {
    private static final int CLIENTS = Integer.getInteger("carrel.vanish", 1000);
    private static final List<String> LEAKS = new CopyOnWriteArrayList<>();

    static {
        ResourceLeakDetectorFactory.setResourceLeakDetectorFactory(new ResourceLeakDetectorFactory() {
            @Override
            public <T> ResourceLeakDetector<T> newResourceLeakDetector(Class<T> resource, int interval, long max) {
                return detector(resource, interval);
            }

            @Override
            public <T> ResourceLeakDetector<T> newResourceLeakDetector(Class<T> resource, int interval) {
                return detector(resource, interval);
            }
        });
    }

    private static <T> ResourceLeakDetector<T> detector(Class<T> resource, int interval) {
        ResourceLeakDetector<T> detector = new ResourceLeakDetector<>(resource, interval);
        detector.setLeakListener((type, records) -> LEAKS.add(type + records));
        return detector;
    }

    @Test
    void whatever_clients_do_before_they_vanish_nothing_of_them_stays() throws Exception {
        EchoSocket echo = new EchoSocket();
        Backend.Script script = (request, in, out) -> {
            if (request.head().contains("Upgrade: websocket")) return echo.answer(request, in, out);
            if (request.head().contains("/slow")) TimeUnit.MILLISECONDS.sleep(50);
            byte[] body = new byte[request.head().contains("/large") ? 1 << 20 : 100];
            out.write(("HTTP/1.1 200 OK\r\nContent-Length: " + body.length + "\r\n\r\n").getBytes(ISO_8859_1));
            out.write(body);
            return true;
        };
        try (Backend backend = new Backend(script);
                Stage stage = new Stage().with(ADAS, "ada", backend)) {
            run(stage, 100, new Random(1));
            settle(stage, backend);
            long files = openFiles();
            long memory = stage.gateway().pooledBytes();
            run(stage, CLIENTS, new Random(20261122));
            settle(stage, backend);
            assertThat(openFiles()).as("open files").isLessThanOrEqualTo(files + 8);
            assertThat(stage.gateway().pooledBytes()).as("pooled memory").isLessThanOrEqualTo(memory + (16L << 20));
            assertThat(stage.longConnections()).isZero();
            assertThat(stage.metrics().openWebSockets()).isZero();
            assertThat(stage.metrics().openConnections()).isZero();
            System.gc();
            run(stage, 50, new Random(3));
        }
        assertThat(LEAKS).as("leaked buffers").isEmpty();
    }

    /// Idle connections to the workload may stay, until they are too old.
    private static void settle(Stage stage, Backend backend) {
        Await.until(() -> stage.gateway().connections() == 0);
        Await.quiet(() -> (int) backend.openConnections());
        stage.gateway().forgetIdle();
        Await.until(() -> backend.openConnections() == 0);
    }

    private static void run(Stage stage, int clients, Random random) throws Exception {
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < clients; i++) {
            int how = random.nextInt(9);
            boolean orderly = random.nextBoolean();
            threads.add(Thread.ofVirtual().start(() -> vanish(stage, how, orderly)));
            if (threads.size() % 200 == 0) for (Thread thread : threads) thread.join();
        }
        for (Thread thread : threads) thread.join();
    }

    private static void vanish(Stage stage, int how, boolean orderly) {
        String post = stage.get("/p").replace("GET", "POST").replace("Cookie", "%s\r\nCookie");
        String page = "POST /x HTTP/1.1\r\nHost: " + stage.portal() + "\r\nContent-Length: 50\r\n\r\nhalf";
        String upgrade = stage.get("/ws")
                .replace(
                        "Cookie",
                        "Origin: http://" + stage.origin(ADAS)
                                + "\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nCookie");
        try (RawClient client = stage.client()) {
            switch (how) {
                case 0 -> client.send(stage.get("/").substring(0, 40));
                case 1 -> client.send(stage.get("/slow"));
                case 2 -> client.send(post.formatted("Content-Length: 100000") + "x".repeat(5000));
                case 3 -> client.send(post.formatted("Transfer-Encoding: chunked") + "5\r\nhe");
                case 4 -> client.send(stage.get("/large")).read(1000);
                case 5 -> client.send(upgrade);
                case 6 -> client.send(upgrade).read(30);
                case 7 -> client.send(page);
                default -> {
                    client.send(upgrade);
                    Backend.head(client.in());
                    client.send(EchoSocket.frame(0x82, new byte[2000], true));
                    client.send(new byte[] {(byte) 0x82, (byte) 0xfe, 5});
                }
            }
            if (!orderly) client.vanish();
        } catch (IOException gone) {
            // as it should be
        }
    }

    private static long openFiles() {
        String[] files = new File("/proc/self/fd").list();
        return files == null ? 0 : files.length;
    }
}
