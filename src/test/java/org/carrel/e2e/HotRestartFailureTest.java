package org.carrel.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.carrel.gateway.restart.Parcel;
import org.carrel.gateway.restart.Predecessor;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Hot restarts that go wrong, at each step of the hand-over: somebody always serves.
@Tag("slow")
class HotRestartFailureTest {
    @Test
    void a_successor_that_ends_at_any_step_leaves_the_old_one_in_its_place() throws Exception {
        try (RunningCarrel carrel = RunningCarrel.demo()) {
            Path control = carrel.state().resolve("demo/n1/agent/control.sock");
            AtomicBoolean over = new AtomicBoolean();
            List<SteadyUse> uses = uses(carrel, over);
            uses.forEach(SteadyUse::start);
            long pid = carrel.pid();
            // it asked, and no more
            Predecessor asked = Predecessor.ask(control, "test").orElseThrow();
            asked.listeners().forEach(listener -> listener.close());
            asked.close();
            goOn(uses);
            // it has everything in its hands, and dies
            RunningCarrel.await("its place can be asked for again", () -> takeAndDie(control));
            goOn(uses);
            over.set(true);
            for (SteadyUse use : uses) use.join();
            try {
                assertThat(uses).allSatisfy(use -> assertThat(use.troubles()).isEmpty());
                assertThat(carrel.pid()).isEqualTo(pid);
            } catch (AssertionError failure) {
                throw carrel.explained(failure);
            }
            // and the real one can still come
            carrel.upgrade();
        }
    }

    @Test
    void when_the_old_one_dies_in_the_middle_the_new_one_starts() throws Exception {
        try (RunningCarrel carrel = RunningCarrel.demo()) {
            JsonNode session = carrel.start("ada", "hello", "default");
            Process command = carrel.startUpgrade();
            List<String> said = new ArrayList<>();
            try (BufferedReader lines = command.inputReader()) {
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                    said.add(line);
                    if (line.contains("preparing")) carrel.kill9();
                }
            }
            assertThat(command.waitFor()).as("%s", said).isZero();
            carrel.isNow(String.join("\n", said));
            assertThat(carrel.get("ada", "/api/v1/sessions/" + session.get("id").asText())
                            .path("state")
                            .asText())
                    .isEqualTo("ready");
        }
    }

    /// A page under way holds the old one between "ready" and "yours", so that its death surely falls there.
    @Test
    void when_the_old_one_dies_after_the_new_one_said_ready_service_goes_on() throws Exception {
        try (RunningCarrel carrel = RunningCarrel.demo();
                Socket page = new Socket(InetAddress.getLoopbackAddress(), carrel.port)) {
            String id = carrel.start("ada", "hello", "default").get("id").asText();
            String pid = pid(carrel.raw("ada", id, "GET", "/who", ""));
            page.getOutputStream()
                    .write(("POST /api/v1/sessions HTTP/1.1\r\nHost: localhost:" + carrel.port
                                    + "\r\nAuthorization: Bearer " + carrel.token("ada")
                                    + "\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{")
                            .getBytes(StandardCharsets.US_ASCII));
            AtomicBoolean over = new AtomicBoolean();
            List<String> refused = new CopyOnWriteArrayList<>();
            Thread dialling = Thread.ofPlatform().start(() -> dial(carrel.port, over, refused));
            try {
                Process command = carrel.startUpgrade();
                List<String> said = new ArrayList<>();
                try (BufferedReader lines = command.inputReader()) {
                    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                        said.add(line);
                        if (line.contains("taking over")) carrel.kill9();
                    }
                }
                assertThat(command.waitFor()).as("%s", said).isZero();
                assertThat(said).anyMatch(line -> line.contains("is gone in the middle of it; starting"));
                carrel.isNow(String.join("\n", said));
                assertThat(pid(carrel.raw("ada", id, "GET", "/who", ""))).isEqualTo(pid);
            } finally {
                over.set(true);
                dialling.join();
            }
            assertThat(refused).isEmpty();
            carrel.upgrade();
        }
    }

    @Test
    void a_new_one_that_can_not_start_is_told_of_and_the_old_one_goes_on() throws Exception {
        try (RunningCarrel carrel = RunningCarrel.demo()) {
            long pid = carrel.pid();
            Path users = carrel.state().resolve("demo/n1/users");
            Files.delete(users);
            Files.createDirectory(users); // nothing can be read from it
            RunningCarrel.Said tried = carrel.tryUpgrade();
            assertThat(tried.status()).as(tried.said()).isNotZero();
            assertThat(tried.said()).contains("not started", pid + " goes on");
            assertThat(ProcessHandle.of(pid)).isPresent();
            Files.delete(users);
            assertThat(carrel.health()).isEqualTo(200);
        }
    }

    private static List<SteadyUse> uses(RunningCarrel carrel, AtomicBoolean over) throws Exception {
        String id = carrel.start("ada", "hello", "default").get("id").asText();
        String host = id + ".localhost:" + carrel.port;
        String token = "Authorization: Bearer " + carrel.token("ada");
        return List.of(
                SteadyUse.requests(carrel.port, host, "/count", over, token, "Origin: http://" + host),
                SteadyUse.fresh(carrel.port, over),
                SteadyUse.echo(carrel.webSocket("ada", id, "/echo"), over),
                SteadyUse.stream(carrel.port, host, "/ticks", over, token));
    }

    /// @return false when it is not to be had yet
    private static boolean takeAndDie(Path control) {
        List<Parcel> parcels = new ArrayList<>();
        try (Predecessor old = Predecessor.ask(control, "test").orElseThrow()) {
            old.receive(parcels);
            old.listeners().forEach(listener -> listener.close());
            parcels.forEach(Parcel::drop);
            return true;
        } catch (IOException notYet) {
            return false;
        }
    }

    private static void dial(int port, AtomicBoolean over, List<String> refused) {
        while (!over.get())
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                socket.getOutputStream().write(0);
                LockSupport.parkNanos(2_000_000); // each takes a port of this machine for a minute
            } catch (ConnectException nobodyListens) {
                refused.add(nobodyListens.toString());
            } catch (IOException reset) {
                // one that the old one had taken died with it
            }
    }

    private static String pid(String who) {
        int at = who.indexOf("\"pid\":");
        assertThat(at).as(who).isNotNegative();
        return who.substring(at, who.indexOf(',', at));
    }

    private static void goOn(List<SteadyUse> uses) throws Exception {
        for (SteadyUse use : uses) use.awaitMore();
    }
}
