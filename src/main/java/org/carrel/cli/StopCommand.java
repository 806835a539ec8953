package org.carrel.cli;

import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.carrel.api.ApiClient;
import org.carrel.api.ApiWords;
import org.carrel.api.EventReader;
import org.carrel.api.Json;
import org.carrel.api.SessionInfo;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `carrel stop ID|APP`
@Command(
        name = "stop",
        description = "Stops a session; what isn't saved in it is lost.",
        footer = {"", "Example:", "  carrel stop faithful --yes"})
final class StopCommand implements Callable<Integer> {
    private final Surroundings surroundings;

    @Mixin
    Server server = new Server();

    @Parameters(paramLabel = "ID|APP", description = "Id of the session, or the app when you have one session of it.")
    String word = "";

    @Option(names = "--name", paramLabel = "NAME", description = "Name of the session, when you have several.")
    Optional<String> name = Optional.empty();

    @Option(names = "--yes", description = "Don't ask.")
    boolean yes;

    @Option(names = "--no-wait", description = "Don't wait until it has ended.")
    boolean noWait;

    StopCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public Integer call() throws IOException, Failure {
        ApiClient client = server.client(surroundings);
        SessionInfo session = Choice.find(client, word, name, false);
        if (surroundings.terminal() && !yes && !confirmed(session))
            throw new Failure(Exit.FAILED, "Nothing was stopped.");
        SessionInfo now = client.delete(ApiWords.SESSIONS + "/" + session.id(), SessionInfo.class);
        if (!noWait && !now.state().equals("ended")) now = waitForEnd(session.id(), client);
        if (server.json) surroundings.out().println(Json.pretty(now));
        else
            surroundings.out().println((now.state().equals("ended") ? "Stopped " : "Stopping ") + title(session) + ".");
        return Exit.OK.code();
    }

    private boolean confirmed(SessionInfo session) {
        String since = Show.ago(session.since(), surroundings.clock().instant());
        String question =
                "Stop " + title(session) + " of " + Show.clean(session.owner()) + ", begun " + since + "? [y/N] ";
        return surroundings
                .ask()
                .apply(question)
                .map(String::strip)
                .filter(answer -> answer.equalsIgnoreCase("y") || answer.equalsIgnoreCase("yes"))
                .isPresent();
    }

    private static SessionInfo waitForEnd(String id, ApiClient client) throws IOException {
        try (EventReader events = client.follow(ApiWords.SESSIONS + "/" + id + "/events")) {
            while (events.next().isPresent()) {} // the stream ends with the session
        }
        return client.get(ApiWords.SESSIONS + "/" + id, SessionInfo.class);
    }

    private static String title(SessionInfo session) {
        String name = session.name().equals("default") ? "" : " (" + session.name() + ")";
        return Show.clean(session.app() + name);
    }
}
