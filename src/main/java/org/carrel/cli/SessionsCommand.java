package org.carrel.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.carrel.api.ApiClient;
import org.carrel.api.ApiWords;
import org.carrel.api.EventReader;
import org.carrel.api.Json;
import org.carrel.api.SessionGone;
import org.carrel.api.SessionInfo;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `carrel sessions`
@Command(
        name = "sessions",
        description = "Lists your sessions.",
        footer = {"", "Example:", "  carrel sessions --app faithful --watch"})
final class SessionsCommand implements Callable<Integer> {
    private static final String CLEAR = "\u001b[H\u001b[2J";

    private final Surroundings surroundings;

    @Mixin
    Server server = new Server();

    @Option(names = "--all", description = "Everybody's; for administrators.")
    boolean all;

    @Option(names = "--app", paramLabel = "APP", description = "Only sessions of this app.")
    Optional<String> app = Optional.empty();

    @Option(names = "--ended", description = "Also those that ended lately.")
    boolean ended;

    @Option(names = "--watch", description = "Go on showing them as they change, until Ctrl-C.")
    boolean watch;

    SessionsCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public Integer call() throws IOException {
        ApiClient client = server.client(surroundings);
        all |= client.isLocal(); // who asks there has none of their own
        if (watch) return follow(client);
        List<SessionInfo> sessions =
                client.list(ApiWords.SESSIONS + (all ? "?all=true" : ""), SessionInfo.class).stream()
                        .filter(this::isWanted)
                        .toList();
        if (server.json) surroundings.out().println(Json.pretty(Map.of("items", sessions)));
        else print(sessions, client);
        return Exit.OK.code();
    }

    private int follow(ApiClient client) throws IOException {
        Map<String, SessionInfo> sessions = new LinkedHashMap<>();
        try (EventReader events = client.follow(ApiWords.EVENTS + (all ? "?all=true" : ""))) {
            for (Optional<EventReader.Event> event = events.next(); event.isPresent(); event = events.next()) {
                byte[] data = event.get().data().getBytes(StandardCharsets.UTF_8);
                switch (event.get().name()) {
                    case "session" -> {
                        SessionInfo session = Json.readAnswer(data, SessionInfo.class);
                        sessions.put(session.id(), session);
                    }
                    case "gone" ->
                        sessions.remove(Json.readAnswer(data, SessionGone.class).id());
                    default -> {} // nodes, and what newer servers tell
                }
                if (server.json)
                    surroundings
                            .out()
                            .println("{\"event\":\"" + event.get().name() + "\",\"data\":"
                                    + event.get().data() + "}");
                else redraw(sessions, client);
                surroundings.out().flush();
            }
        }
        throw new IOException("the server ended the stream");
    }

    private void redraw(Map<String, SessionInfo> sessions, ApiClient client) {
        List<SessionInfo> wanted = sessions.values().stream()
                .filter(this::isWanted)
                .sorted(Comparator.comparing(SessionInfo::since).reversed())
                .toList();
        surroundings.out().print(surroundings.terminal() ? CLEAR : "\n");
        print(wanted, client);
    }

    private boolean isWanted(SessionInfo session) {
        return (ended || !session.state().equals("ended"))
                && (app.isEmpty() || session.app().equals(app.get()));
    }

    private void print(List<SessionInfo> sessions, ApiClient client) {
        if (sessions.isEmpty()) {
            surroundings.out().println("No sessions. Start one with: carrel start APP");
            return;
        }
        Instant now = surroundings.clock().instant();
        List<String> titles =
                new ArrayList<>(List.of("ID", "APP", "NAME", "STATE", "SINCE", "CPU", "MEMORY", "LAST USE", "ADDRESS"));
        if (all) titles.add(1, "OWNER");
        List<List<String>> rows = new ArrayList<>();
        for (SessionInfo session : sessions) {
            List<String> row = new ArrayList<>(List.of(
                    session.id(),
                    session.app(),
                    session.name(),
                    session.state(),
                    Show.ago(session.since(), now),
                    percent(session.cpuPercent()),
                    Optional.ofNullable(session.memoryBytes()).map(Show::bytes).orElse("-"),
                    Optional.ofNullable(session.lastInput())
                            .map(at -> Show.ago(at, now))
                            .orElse("-"),
                    session.state().equals("ended")
                            ? Optional.ofNullable(session.reason()).orElse("")
                            : client.address().absolute(session.url())));
            if (all) row.add(1, session.owner());
            rows.add(row);
        }
        Show.table(titles, rows, surroundings.colours()).forEach(surroundings.out()::println);
    }

    private static String percent(@Nullable Double value) {
        return value == null ? "-" : String.format(Locale.ROOT, "%.0f %%", value);
    }
}
