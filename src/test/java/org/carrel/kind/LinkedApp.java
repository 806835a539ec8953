package org.carrel.kind;

import java.io.IOException;
import java.net.SocketException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.carrel.domain.app.App;
import org.carrel.domain.session.Endpoint;
import org.carrel.kind.KindDriver.Plan;
import org.carrel.kind.KindDriver.Site;
import org.carrel.support.Await;

/// A Shiny app of the test's, started by the words of `ShinyDriver` and with nothing between it and the test. By
/// another
/// R with `-Dcarrel.r=PROGRAM` (`src/test/link/matrix`).
final class LinkedApp implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Path directory;
    private final Path socket;
    private final Process process;

    /// @param directory a new one, with a short name
    /// @param app       a directory with an `app.R`
    /// @param more      variables that win over the plan's
    LinkedApp(Path directory, Path app, Map<String, String> more) throws Exception {
        this.directory = directory;
        this.socket = directory.resolve("s");
        ShinyDriver driver = new ShinyDriver();
        App entry = KindContract.app(driver, Optional.of(app.toAbsolutePath().toString()), List.of());
        Plan plan = driver.plan(
                entry,
                new Site(
                        KindContract.ID,
                        directory.toString(),
                        new Endpoint.Unix(socket.toString()),
                        "/s/x",
                        KindContract.SECRET));
        for (var file : plan.files().entrySet()) Files.writeString(directory.resolve(file.getKey()), file.getValue());
        List<String> command = new ArrayList<>(plan.argv());
        command.set(0, System.getProperty("carrel.r", "R"));
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(app.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log().toFile());
        builder.environment().putAll(plan.environment());
        builder.environment().putAll(more);
        process = builder.start();
        Await.until("the app listens: " + log(), PATIENCE, () -> {
            if (!process.isAlive()) throw new AssertionError(logText());
            return accepts(socket);
        });
    }

    /// Its file is there a moment before connections are taken.
    private static boolean accepts(Path socket) throws IOException {
        try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
            return channel.isConnected();
        } catch (SocketException notYet) {
            return false;
        }
    }

    Path socket() {
        return socket;
    }

    private Path log() {
        return directory.resolve("log");
    }

    String logText() throws IOException {
        return Files.readString(log());
    }

    void awaitLog(String words) throws Exception {
        Await.until("in the log: " + words, PATIENCE, () -> logText().contains(words));
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /// A page that has said hello.
    LinkedPage page() throws IOException {
        LinkedPage page = new LinkedPage(dial());
        page.hello();
        return page;
    }

    /// A connection that is marked as a link's and has said nothing.
    UnixWebSocket dial() throws IOException {
        return new UnixWebSocket(socket, "/websocket/?carrel-link=1");
    }

    UnixWebSocket dialPlain() throws IOException {
        return new UnixWebSocket(socket, "/websocket/");
    }

    /// @param head more lines of the head, each with its end
    /// @return head and body
    String http(String method, String path, String head, String body) throws IOException {
        return UnixWebSocket.http(socket, method, path, head, body);
    }

    @Override
    public void close() throws Exception {
        process.destroy();
        if (!process.waitFor(10, TimeUnit.SECONDS)) process.destroyForcibly().waitFor();
    }
}
