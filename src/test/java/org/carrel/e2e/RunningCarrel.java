package org.carrel.e2e;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.carrel.auth.file.PasswordHash;
import org.carrel.main.SeveralNodes;
import org.carrel.support.ProgramJar;

/// The whole program as a process of its own, started as a user starts it: `carrel demo` or `carrel up` on a directory
/// of its own. Closing it stops it and its sessions.
final class RunningCarrel implements AutoCloseable {
    static final String PASSWORD = "three-quiet-desks";
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Pattern TOOK_OVER = Pattern.compile("(\\d+) took over from (\\d+)");
    private static final ObjectMapper JSON = new ObjectMapper();

    final int port;
    private final Path state;
    private final List<String> words;
    private final boolean demo;
    private final HttpClient client = HttpClient.newHttpClient();
    private final Map<String, String> tokens = new ConcurrentHashMap<>();
    private ProcessHandle process;
    private boolean sharesProgram;

    private RunningCarrel(Path state, int port, boolean demo, List<String> words) {
        this.state = state;
        this.port = port;
        this.demo = demo;
        this.words = words;
    }

    /// @param more words after `demo`
    static RunningCarrel demo(String... more) throws Exception {
        return demoAt(freePort(), more);
    }

    static RunningCarrel demoAt(int port, String... more) throws Exception {
        Path directory = newDirectory();
        List<String> words = new ArrayList<>(List.of("demo", "--port", Integer.toString(port), "--password", PASSWORD));
        words.addAll(List.of("--state", directory.toString(), "--no-install"));
        words.addAll(List.of(more));
        if (!words.contains("--nodes")) words.addAll(List.of("--nodes", "1"));
        RunningCarrel carrel = new RunningCarrel(directory, port, true, words);
        carrel.startAgain();
        return carrel;
    }

    /// With the users ada, ben and admin, and an empty `apps` directory.
    /// @param settings more lines of `carrel.yaml`
    static RunningCarrel up(String settings) throws Exception {
        RunningCarrel carrel = prepared(settings);
        carrel.startAgain();
        return carrel;
    }

    /// The same before it is started the first time.
    static RunningCarrel prepared(String settings) throws Exception {
        Path directory = newDirectory();
        int port = freePort();
        String hash = PasswordHash.of(PASSWORD).text();
        Path users = Files.writeString(
                directory.resolve("users"), "ada:%1$s:\nben:%1$s:\nadmin:%1$s:admin\n".formatted(hash));
        Files.setPosixFilePermissions(users, PosixFilePermissions.fromString("rw-r-----"));
        Files.createDirectory(directory.resolve("apps"));
        Path file = Files.writeString(
                directory.resolve("carrel.yaml"),
                "listen: 127.0.0.1:" + port + "\nstate-directory: n\nrun-directory: r\nsign-in: {file: users}\n"
                        + settings);
        return new RunningCarrel(directory, port, false, List.of("up", "--config", file.toString()));
    }

    /// With a short name: sockets lie in it, and the path of a socket has few bytes.
    private static Path newDirectory() throws IOException {
        Path directory = Files.createTempDirectory(Path.of("/tmp"), "c");
        // the program and its sessions are users of their own
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        return directory;
    }

    private static int freePort() throws IOException {
        try (ServerSocket free = new ServerSocket(0)) {
            return free.getLocalPort();
        }
    }

    Path state() {
        return state;
    }

    /// a directory dropped there becomes an app
    Path apps() {
        return demo ? state.resolve("demo/n1/apps") : state.resolve("apps");
    }

    String portal() {
        return "http://localhost:" + port;
    }

    Path output() {
        return state.resolve("output");
    }

    long pid() {
        return process.pid();
    }

    /// As a power cut would for the program alone: no hook runs.
    void kill9() throws InterruptedException {
        process.destroyForcibly();
        process.onExit().join();
    }

    /// Another program takes the place of this one, as `carrel upgrade` does it.
    /// @return what the command said; its last line names the new program
    String upgrade() throws Exception {
        Said done = tryUpgrade();
        if (done.status() != 0) throw new AssertionError("not upgraded: " + done.said() + outputText());
        isNow(done.said());
        return done.said();
    }

    /// @param said by an upgrade: names the program that took over
    void isNow(String said) {
        Matcher took = TOOK_OVER.matcher(said);
        if (!took.find()) throw new AssertionError("nobody took over: " + said);
        process = ProcessHandle.of(Long.parseLong(took.group(1))).orElseThrow();
    }

    /// @param said by the command, both outputs
    record Said(int status, String said) {}

    Said tryUpgrade() throws Exception {
        Process command = startUpgrade();
        String said = new String(command.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Said(command.waitFor(), said);
    }

    Process startUpgrade() throws IOException {
        List<String> command = new ArrayList<>(ProgramJar.command());
        command.addAll(List.of("upgrade", "--state", (demo ? state : state.resolve("n")).toString()));
        return new ProcessBuilder(command).redirectErrorStream(true).start();
    }

    /// A command on this machine with the settings of this program, and without a token.
    /// @return the exit code, and both outputs
    Said command(String... words) throws Exception {
        List<String> command = new ArrayList<>(ProgramJar.command());
        command.addAll(List.of(words));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().keySet().removeIf(name -> name.startsWith("CARREL_"));
        builder.environment().put("CARREL_CONFIG", state.resolve("carrel.yaml").toString());
        builder.environment().put("XDG_CONFIG_HOME", state.toString());
        Process process = builder.start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Said(process.waitFor(), said);
    }

    /// Several of them in one JVM; they end together.
    static void startTogether(List<RunningCarrel> nodes) throws Exception {
        List<String> command = ProgramJar.beside(SeveralNodes.class, "-XX:+UseParallelGC", "-Xmx2g");
        for (RunningCarrel node : nodes)
            command.add(node.state.resolve("carrel.yaml").toString());
        ProcessHandle together = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(nodes.getFirst().output().toFile())
                .start()
                .toHandle();
        for (RunningCarrel node : nodes) {
            node.process = together;
            node.sharesProgram = true;
            node.awaitReady();
        }
    }

    void startAgain() throws Exception {
        process = spawn().toHandle();
        awaitReady();
    }

    JsonNode get(String user, String path) throws Exception {
        return JSON.readTree(send(user, "GET", path, "").body());
    }

    /// @param body JSON; empty for none
    HttpResponse<String> send(String user, String method, String path, String body) throws Exception {
        var request = HttpRequest.newBuilder(URI.create(portal() + path))
                .timeout(PATIENCE)
                .header("Authorization", "Bearer " + token(user))
                .method(method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
        if (!body.isEmpty()) request.header("Content-Type", "application/json");
        return client.send(request.build(), BodyHandlers.ofString());
    }

    /// Asks for a session and waits until it is ready.
    JsonNode start(String user, String app, String name) throws Exception {
        return started(user, "{\"app\":\"" + app + "\",\"name\":\"" + name + "\"}");
    }

    /// Machines by name, as this program sees them.
    Map<String, String> nodeStates() {
        Map<String, String> states = new HashMap<>();
        try {
            for (JsonNode node : get("ada", "/api/v1/nodes").get("items"))
                states.put(node.get("name").asText(), node.get("state").asText());
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
        return states;
    }

    /// On a certain machine of its cluster.
    JsonNode startAt(String node, String user, String app, String name) throws Exception {
        return started(user, "{\"app\":\"" + app + "\",\"name\":\"" + name + "\",\"node\":\"" + node + "\"}");
    }

    private JsonNode started(String user, String body) throws Exception {
        HttpResponse<String> begun = send(user, "POST", "/api/v1/sessions", body);
        if (begun.statusCode() / 100 != 2) throw new AssertionError("start refused: " + begun.body());
        return awaitState(user, JSON.readTree(begun.body()).get("id").asText(), "ready");
    }

    /// A WebSocket to a session on its own origin, with the user's bearer token.
    RawWebSocket webSocket(String user, String session, String path) throws Exception {
        String host = session + ".localhost:" + port;
        return new RawWebSocket(port, host, path, "Authorization: Bearer " + token(user), "Origin: http://" + host);
    }

    /// A request to a session's workload on the session's own origin. @return the body
    String raw(String user, String session, String method, String path, String body) throws Exception {
        String host = session + ".localhost:" + port;
        return RawHttp.send(
                        port,
                        host,
                        method,
                        path,
                        body,
                        "Authorization: Bearer " + token(user),
                        "Origin: http://" + host,
                        "Content-Type: application/json")
                .body();
    }

    JsonNode awaitState(String user, String id, String state) throws Exception {
        JsonNode[] last = new JsonNode[1];
        await("session " + id + " " + state, () -> {
            try {
                last[0] = get(user, "/api/v1/sessions/" + id);
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
            String now = last[0].path("state").asText();
            if (now.equals("ended") && !state.equals("ended")) throw new AssertionError("ended instead: " + last[0]);
            return now.equals(state);
        });
        return last[0];
    }

    static void await(String what, BooleanSupplier condition) throws Exception {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) throw new TimeoutException("waited " + PATIENCE + " for: " + what);
            TimeUnit.MILLISECONDS.sleep(50);
        }
    }

    synchronized String token(String user) throws Exception {
        String known = tokens.get(user);
        if (known != null) return known;
        String token = tokenAt(port, user);
        tokens.put(user, token);
        return token;
    }

    JsonNode json(String text) throws IOException {
        return JSON.readTree(text);
    }

    /// @param at another node's port
    String tokenAt(int at, String user) throws Exception {
        String basic = Base64.getEncoder().encodeToString((user + ":" + PASSWORD).getBytes(StandardCharsets.UTF_8));
        var request = HttpRequest.newBuilder(URI.create("http://localhost:" + at + "/api/v1/tokens"))
                .header("Authorization", "Basic " + basic)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(user.equals("admin") ? "{\"scopes\":[\"use\",\"admin\"]}" : "{}"))
                .build();
        HttpResponse<String> answer = client.send(request, BodyHandlers.ofString());
        if (answer.statusCode() / 100 != 2) throw new AssertionError("no token for " + user + ": " + answer.body());
        return JSON.readTree(answer.body()).get("token").asText();
    }

    private Process spawn() throws IOException {
        List<String> command = new ArrayList<>(ProgramJar.java());
        command.addAll(words);
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(output().toFile()))
                .start();
    }

    private void awaitReady() throws Exception {
        await("the program to be ready", () -> {
            if (!process.isAlive()) throw new AssertionError("carrel ended: " + outputText());
            try {
                var request = HttpRequest.newBuilder(URI.create(portal() + "/health/ready"))
                        .timeout(Duration.ofSeconds(5))
                        .build();
                return client.send(request, BodyHandlers.discarding()).statusCode() == 200;
            } catch (IOException notYet) {
                return false;
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
    }

    int health() throws Exception {
        var request = HttpRequest.newBuilder(URI.create(portal() + "/health/live"))
                .timeout(PATIENCE)
                .build();
        return client.send(request, BodyHandlers.discarding()).statusCode();
    }

    String outputText() {
        try {
            return Files.readString(output());
        } catch (IOException e) {
            return "(no output: " + e + ")";
        }
    }

    /// A failure with what the program and its sessions said.
    AssertionError explained(AssertionError failure) throws IOException {
        StringBuilder said = new StringBuilder(failure.getMessage() + "\n" + outputText());
        try (Stream<Path> all = Files.walk(state)) {
            for (Path log : all.filter(file -> file.endsWith("log")).toList())
                said.append(log).append(":\n").append(Files.readString(log));
        }
        return new AssertionError(said.toString(), failure);
    }

    /// As Ctrl-C does: the demo ends, and its sessions with it.
    void stop() throws Exception {
        process.destroy();
        try {
            process.onExit().get(40, TimeUnit.SECONDS);
        } catch (TimeoutException tooLong) {
            process.destroyForcibly();
            throw new AssertionError("carrel did not stop in 40 s after TERM: " + outputText());
        }
    }

    /// As the administrator does it; sessions outlive any program but a demo.
    private void endSessions() throws Exception {
        for (JsonNode session : get("admin", "/api/v1/sessions?all=true").path("items")) {
            String id = session.get("id").asText();
            if (session.path("state").asText().equals("ended")) continue;
            send("admin", "DELETE", "/api/v1/sessions/" + id, "");
            awaitState("admin", id, "ended");
        }
    }

    @Override
    public void close() throws Exception {
        // with the first of several in one program all end; whoever began sessions on them has to end them before
        if (!demo && !sharesProgram) endSessions();
        stop();
        client.close();
        try (Stream<Path> all = Files.walk(state)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) Files.delete(path);
        }
    }
}
