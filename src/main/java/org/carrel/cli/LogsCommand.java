package org.carrel.cli;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.carrel.api.ApiClient;
import org.carrel.api.ApiWords;
import org.carrel.api.Json;
import org.carrel.api.SessionInfo;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `carrel logs ID|APP`
@Command(
        name = "logs",
        description = "Shows what a session printed.",
        footer = {"", "Example:", "  carrel logs faithful -f -n 50"})
final class LogsCommand implements Callable<Integer> {
    private static final int MOST_LINES = 10_000;
    private static final Duration PAUSE = Duration.ofSeconds(1);

    private final Surroundings surroundings;

    @Mixin
    Server server = new Server();

    @Parameters(paramLabel = "ID|APP", description = "Id of the session, or the app when you have one session of it.")
    String word = "";

    @Option(names = "--name", paramLabel = "NAME", description = "Name of the session, when you have several.")
    Optional<String> name = Optional.empty();

    @Option(
            names = {"-f", "--follow"},
            description = "Go on until the session has ended, or Ctrl-C.")
    boolean follow;

    @Option(
            names = {"-n", "--lines"},
            paramLabel = "N",
            description = "How many lines, 1 to 10000; else 200.")
    int lines = 200;

    LogsCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public Integer call() throws IOException, Failure, InterruptedException {
        if (lines < 1 || lines > MOST_LINES) throw new Failure(Exit.USAGE, "-n: must be from 1 to " + MOST_LINES);
        ApiClient client = server.client(surroundings);
        SessionInfo session = Choice.find(client, word, name, true);
        List<String> whole = read(client, session.id(), follow ? MOST_LINES : lines);
        List<String> shown = whole.subList(Math.max(0, whole.size() - lines), whole.size());
        if (server.json && !follow) {
            surroundings.out().println(Json.pretty(Map.of("session", session.id(), "lines", shown)));
            return Exit.OK.code();
        }
        print(shown);
        if (follow) follow(client, session.id(), whole);
        return Exit.OK.code();
    }

    private void follow(ApiClient client, String id, List<String> before) throws IOException, InterruptedException {
        List<String> known = before;
        while (true) {
            boolean last = client.get(ApiWords.SESSIONS + "/" + id, SessionInfo.class)
                    .state()
                    .equals("ended");
            List<String> now = read(client, id, MOST_LINES);
            print(newIn(now, known));
            known = now;
            if (last) return;
            Thread.sleep(PAUSE);
        }
    }

    /// What `now` holds beyond `before`, two looks at the last lines of one growing log: the end of the old one is the
    /// beginning of the new one. Where nothing is left of the old (rotated), all is new.
    static List<String> newIn(List<String> now, List<String> before) {
        for (int overlap = Math.min(now.size(), before.size()); overlap > 0; overlap--) {
            List<String> end = before.subList(before.size() - overlap, before.size());
            if (now.subList(0, overlap).equals(end)) return now.subList(overlap, now.size());
        }
        return now;
    }

    private static List<String> read(ApiClient client, String id, int lines) throws IOException {
        return client.text(ApiWords.SESSIONS + "/" + id + "/logs?lines=" + lines)
                .lines()
                .toList();
    }

    private void print(List<String> some) {
        for (String line : some) {
            if (server.json) surroundings.out().println(Json.text(Map.of("line", line)));
            else surroundings.out().println(surroundings.terminal() ? Show.clean(line) : line);
        }
        surroundings.out().flush();
    }
}
