package org.carrel.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.carrel.api.ApiClient;
import org.carrel.api.ApiException;
import org.carrel.api.ApiWords;
import org.carrel.api.EventReader;
import org.carrel.api.Json;
import org.carrel.api.Problem;
import org.carrel.api.ProgressInfo;
import org.carrel.api.SessionInfo;
import org.carrel.api.StartRequest;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `carrel start APP`
@Command(
        name = "start",
        description = {"Starts an app, or returns to its session; shows each stage and prints the address."},
        footer = {
            "",
            "Example:",
            "  carrel start faithful --name paper",
            "  carrel start faithful --on n2 --queue     on that machine, waiting until it has room"
        })
final class StartCommand implements Callable<Integer> {
    private final Surroundings surroundings;

    @Mixin
    Server server = new Server();

    @Parameters(paramLabel = "APP", description = "Name of the app, as in \"carrel apps\".")
    String app = "";

    @Option(names = "--name", paramLabel = "NAME", description = "Your own name for the session; else \"default\".")
    Optional<String> name = Optional.empty();

    @Option(names = "--on", paramLabel = "NODE", description = "The machine; else the one with the most room.")
    Optional<String> on = Optional.empty();

    @Option(names = "--queue", description = "When there is no room: wait in line, until Ctrl-C.")
    boolean queue;

    @Option(
            names = "--elsewhere",
            description = "Don't wait for machines that are silent and may have the session already.")
    boolean elsewhere;

    @Option(names = "--no-wait", description = "Don't wait until it is ready.")
    boolean noWait;

    StartCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public Integer call() throws IOException, Failure, InterruptedException {
        ApiClient client = server.client(surroundings);
        Instant asked = surroundings.clock().instant();
        SessionInfo begun = begin(client);
        if (begun.state().equals("ready")) say("It is running already.");
        if (noWait || begun.state().equals("ready")) return finish(begun, client);
        waitUntilReady(begun.id(), client);
        SessionInfo now = client.get(ApiWords.SESSIONS + "/" + begun.id(), SessionInfo.class);
        if (now.state().equals("ended")) throw failure(Optional.ofNullable(now.reason()), now.log());
        say("Ready after "
                + Show.seconds(
                        Duration.between(asked, surroundings.clock().instant()).toMillis()) + ".");
        return finish(now, client);
    }

    private SessionInfo begin(ApiClient client) throws IOException, InterruptedException {
        String ticket = null;
        String said = "";
        while (true) {
            try {
                StartRequest request =
                        new StartRequest(app, name.orElse(null), on.orElse(null), queue, ticket, elsewhere);
                return client.post(ApiWords.SESSIONS, request, SessionInfo.class);
            } catch (ApiException no) {
                ticket = no.problem().map(Problem::ticket).orElse(null);
                if (ticket == null) throw no;
                String why = "Waiting: " + Show.clean(String.valueOf(no.getMessage())) + ".";
                if (!why.equals(said)) say(why);
                said = why;
                TimeUnit.SECONDS.sleep(1);
            }
        }
    }

    private int finish(SessionInfo session, ApiClient client) {
        surroundings
                .out()
                .println(server.json ? Json.pretty(session) : client.address().absolute(session.url()));
        return Exit.OK.code();
    }

    private void waitUntilReady(String id, ApiClient client) throws IOException, Failure {
        String said = "";
        try (EventReader events = client.follow(ApiWords.SESSIONS + "/" + id + "/events")) {
            for (Optional<EventReader.Event> event = events.next(); event.isPresent(); event = events.next()) {
                if (!event.get().name().equals("progress")) continue;
                ProgressInfo progress =
                        Json.readAnswer(event.get().data().getBytes(StandardCharsets.UTF_8), ProgressInfo.class);
                if (progress.stage().equals("ready")) return;
                if (progress.stage().equals("failed"))
                    throw failure(Optional.ofNullable(progress.sentence()), progress.log());
                String sentence = sentence(progress);
                if (!sentence.equals(said)) say(sentence);
                said = sentence;
            }
        }
    }

    private static String sentence(ProgressInfo progress) {
        return switch (progress.stage()) {
            case "reserved" -> "Room is reserved.";
            case "queued" ->
                progress.ahead() == 1
                        ? "Waiting in line: 1 start is ahead."
                        : "Waiting in line: " + progress.ahead() + " starts are ahead.";
            case "starting" -> "Starting.";
            case "answering" -> "Launched; waiting for its first answer.";
            default -> "Stage: " + Show.clean(progress.stage()) + "."; // of a newer server
        };
    }

    private static Failure failure(Optional<String> cause, @Nullable List<String> log) {
        StringBuilder text = new StringBuilder("It didn't start: " + Show.clean(cause.orElse("no cause was given")));
        if (log != null && !log.isEmpty()) {
            text.append("\nIts last lines:");
            for (String line : log) text.append("\n    ").append(Show.clean(line));
        }
        return new Failure(Exit.FAILED, text.toString());
    }

    /// stages are for people; the address alone is the output
    private void say(String sentence) {
        surroundings.err().println(sentence);
    }
}
