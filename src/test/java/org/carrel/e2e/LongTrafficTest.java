package org.carrel.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.carrel.support.Needs;
import org.carrel.support.Needs.Thing;
import org.junit.jupiter.api.Test;

/// What takes long goes through `carrel upgrade` byte for byte, and what takes too long is ended.
@Needs(Thing.PERL)
class LongTrafficTest {
    /// 64 MB: no buffers on the way hold it
    private static final int LINES = 4_000_000;

    @Test
    void a_download_an_upload_and_raw_bytes_go_through_an_upgrade() throws Exception {
        try (RunningCarrel carrel = RunningCarrel.up("")) {
            Session session = Session.start(carrel);
            try (LineTraffic download = session.connect();
                    LineTraffic upload = session.connect();
                    LineTraffic raw = session.connect()) {
                download.ask("GET", "/download/" + LINES, 0);
                assertThat(download.head()).startsWith("HTTP/1.1 200 ");
                download.readLines(0, LINES / 100);
                upload.ask("POST", "/upload", 16L * LINES);
                upload.writeLines(0, LINES / 2);
                raw.ask("GET", "/raw", 0, "Connection: Upgrade", "Upgrade: tcp");
                assertThat(raw.head()).startsWith("HTTP/1.1 101 ");
                AtomicBoolean over = new AtomicBoolean();
                AtomicReference<Object> echoed = new AtomicReference<>();
                Thread echo = Thread.ofPlatform().start(() -> echoed.set(raw.echo(over)));

                ProcessHandle before = ProcessHandle.of(carrel.pid()).orElseThrow();
                assertThat(carrel.upgrade()).contains(" finishes ");
                assertThat(before.isAlive())
                        .as("it still has what is under way")
                        .isTrue();

                download.readLines(LINES / 100, LINES);
                upload.writeLines(LINES / 2, LINES);
                assertThat(upload.answer()).isEqualTo("lines " + LINES);
                over.set(true);
                echo.join();
                assertThat(echoed.get()).isInstanceOf(Long.class);
                raw.finishSending();
                assertThat(raw.rest()).isEqualTo("bytes " + echoed.get());
                // nobody told the clients to close: their connections are the new program's
                before.onExit().get(60, TimeUnit.SECONDS);
                for (LineTraffic kept : new LineTraffic[] {download, upload}) {
                    kept.ask("GET", "/", 0);
                    assertThat(kept.answer()).isEqualTo("ok");
                }
            } catch (AssertionError failure) {
                throw carrel.explained(failure);
            }
        }
    }

    @Test
    void what_outlives_the_upgrade_drain_is_cut_off() throws Exception {
        try (RunningCarrel carrel = RunningCarrel.up("upgrade-drain: 1s\n")) {
            Session session = Session.start(carrel);
            try (LineTraffic download = session.connect();
                    LineTraffic next = session.connect()) {
                download.ask("GET", "/download/" + LINES, 0);
                download.head();
                ProcessHandle before = ProcessHandle.of(carrel.pid()).orElseThrow();
                carrel.upgrade();
                // sooner than a stop would wait for what is in flight, which is 30 s
                before.onExit().get(20, TimeUnit.SECONDS);
                assertThat(16L * LINES - download.rest().length())
                        .as("bytes that are missing")
                        .isPositive();
                assertThat(carrel.outputText()).contains("cut_off=1");
                next.ask("GET", "/", 0);
                assertThat(next.answer()).isEqualTo("ok");
            } catch (AssertionError failure) {
                throw carrel.explained(failure);
            }
        }
    }

    private record Session(RunningCarrel carrel, String id) {
        static Session start(RunningCarrel carrel) throws Exception {
            TestApp.drop(carrel, "apps/traffic");
            return new Session(
                    carrel, carrel.start("ada", "traffic", "default").get("id").asText());
        }

        LineTraffic connect() throws Exception {
            return new LineTraffic(carrel.port, id + ".localhost:" + carrel.port, carrel.token("ada"));
        }
    }
}
