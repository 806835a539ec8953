package org.carrel.web;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.carrel.api.AppInfo;
import org.carrel.api.Json;
import org.carrel.api.Me;
import org.carrel.api.NodeInfo;
import org.carrel.api.SessionInfo;
import org.carrel.api.TroubleInfo;

/// What the stand-in knows: a small lab on a working day.
final class Samples {
    private static final long MIB = 1L << 20;
    private final Instant now = Instant.now();
    volatile boolean anySession = true;

    Me me() {
        return new Me("ada", List.of("stats"), true, "sample-token");
    }

    List<AppInfo> apps() {
        return List.of(
                app("faithful", "shiny", "Old Faithful", "Waiting times between eruptions, as a histogram.", 1400L),
                app("notebook", "jupyter", "Notebook", "Jupyter with the R kernel.", 3200L),
                app("counter", "shiny", "Counter", "Counts in the process and in the page.", 1150L),
                app("hello", "web", "Hello", "Who and where you are; needs no R.", 90L),
                new AppInfo(
                        "atlas",
                        "shiny",
                        "Rainfall atlas of the northern stations, 1950 to 2025",
                        "Maps and series for every station, with trends.",
                        "/app/atlas",
                        false,
                        "R package sf is missing on n1; install it with install.packages(\"sf\")",
                        null));
    }

    private static AppInfo app(String id, String kind, String title, String description, Long usualMs) {
        return new AppInfo(id, kind, title, description, "/app/" + id, true, null, usualMs);
    }

    List<SessionInfo> sessions() {
        if (!anySession) return List.of();
        List<SessionInfo> all = new ArrayList<>();
        all.add(session("a".repeat(16), "faithful", "default", "ada", "ready", "keep", 118));
        all.add(session("b".repeat(16), "notebook", "thesis", "ada", "ready", "warn", 4));
        all.add(session("c".repeat(16), "counter", "default", "ada", "starting", null, 0));
        all.add(endedSession());
        all.add(session("e".repeat(16), "faithful", "default", "ben", "ready", "keep", 61));
        all.add(session("f".repeat(16), "notebook", "default", "charlotte.dumont", "draining", null, 0));
        return all;
    }

    SessionInfo starting(String id) {
        return session(id, "faithful", "default", "ada", "reserved", null, 0);
    }

    private SessionInfo session(
            String id, String app, String name, String owner, String state, String verdict, long minutesLeft) {
        boolean ready = state.equals("ready");
        boolean warn = "warn".equals(verdict);
        return new SessionInfo(
                id,
                app,
                name,
                owner,
                "n1",
                app.equals("notebook") ? "jupyter" : "shiny",
                state,
                "/s/" + id + "/",
                now.minus(Duration.ofMinutes(ready ? 134 : 0)),
                ready ? 41000L + id.charAt(0) : null,
                ready ? (warn ? 1.4 : 37.0) : null,
                ready ? (warn ? 212 : 148) * MIB : null,
                ready ? cpu(warn) : null,
                ready ? memory(warn) : null,
                ready ? 1 : null,
                ready ? now.minus(Duration.ofMinutes(warn ? 116 : 2)) : null,
                null,
                verdict,
                !ready
                        ? null
                        : warn ? "no input for 1 h 56 min and the kernel is idle" : "no input for 2 min, limit 2 h",
                ready ? now.plus(Duration.ofMinutes(minutesLeft)) : null,
                state.equals("reserved") ? 0 : null,
                null);
    }

    private SessionInfo endedSession() {
        return new SessionInfo(
                "d".repeat(16),
                "hello",
                "default",
                "ada",
                "n1",
                "web",
                "ended",
                "/s/" + "d".repeat(16) + "/",
                now.minus(Duration.ofHours(5)),
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                "the program ended with status 1",
                null,
                null,
                List.of("Listening on 127.0.0.1:40211", "Error in eval(expr) : object 'stations' not found"));
    }

    private static List<Double> cpu(boolean quiet) {
        return IntStream.range(0, 60)
                .mapToObj(i ->
                        quiet ? 1.2 + i % 7 * 0.3 : 8 + 45 * Math.pow(Math.sin(i / 6.0), 2) + (i % 11 == 0 ? 38 : 0))
                .toList();
    }

    private static List<Long> memory(boolean quiet) {
        return IntStream.range(0, 60)
                .mapToObj(i -> quiet ? 212 * MIB : (90 + Math.min(i, 44) * 58L / 44) * MIB)
                .toList();
    }

    List<NodeInfo> nodes() {
        return List.of(new NodeInfo(
                "n1",
                "0.1.0",
                "up",
                now.minus(Duration.ofDays(6)),
                6,
                40,
                1,
                2,
                11L << 30,
                28L << 30,
                5500,
                16000,
                23.4,
                13L << 30,
                31L << 30,
                2.7,
                "Each user's sessions run under a uid of their own.",
                List.of("agent", "gateway"),
                Map.of(),
                List.of("faithful"),
                Map.of(),
                null,
                null,
                null,
                null,
                null));
    }

    volatile List<TroubleInfo> troubles = List.of(
            new TroubleInfo(
                    "n1",
                    "users",
                    "/etc/carrel/users:7: the password must be hashed",
                    "mend the line, which doesn't count as it is; the file is read again at once"),
            new TroubleInfo(
                    "n1",
                    "orphan",
                    "a workload of session orphanorphanorph runs and no record says whose it is, pid 4711",
                    "look at it (ps -fp 4711), then end it by hand (kill 4711)"));

    String log() {
        return """
                Loading required package: shiny

                Listening on http://127.0.0.1:40119
                Warning in plot.window(...) : "breaks" is not a graphical parameter
                """;
    }

    Map<String, Object> waiting(String id) {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("title", "Carrel");
        facts.put("session", id);
        facts.put("appTitle", "Old Faithful");
        facts.put("name", "default");
        facts.put("since", Instant.now().toString());
        facts.put("usualMs", 1400);
        facts.put("eventsUrl", "/api/v1/sessions/" + id + "/events");
        facts.put("sessionUrl", "/api/v1/sessions/" + id);
        facts.put("startUrl", "/app/faithful");
        facts.put("me", me());
        return facts;
    }

    Map<String, Object> endedFacts() {
        return Map.of(
                "title",
                "Carrel",
                "appTitle",
                "Old Faithful",
                "sentence",
                "the program ended with status 1",
                "lastLines",
                List.of("Listening on 127.0.0.1:40211", "Error in eval(expr) : object 'stations' not found"),
                "startUrl",
                "/app/faithful",
                "portalUrl",
                "/");
    }

    Map<String, Object> full() {
        return Map.of(
                "title",
                "Carrel",
                "status",
                503,
                "kind",
                "full",
                "heading",
                "No room just now",
                "text",
                "n1 runs 40 of at most 40 sessions. Stop one of yours, or try again when somebody has left.",
                "nextUrl",
                "",
                "nextText",
                "Try again",
                "retryAfterSeconds",
                30);
    }

    Map<String, Object> nothing() {
        return Map.of(
                "title",
                "Carrel",
                "status",
                404,
                "kind",
                "not-found",
                "heading",
                "Not found",
                "text",
                "No page has this address.",
                "nextUrl",
                "/",
                "nextText",
                "Home");
    }

    Map<String, Object> signOut() {
        return Map.of("title", "Carrel", "me", me());
    }

    Map<String, Object> consent() {
        return Map.of(
                "title",
                "Carrel",
                "appTitle",
                "Old Faithful",
                "app",
                "faithful",
                "name",
                "default",
                "csrf",
                "sample-token",
                "action",
                "/app/faithful",
                "me",
                me());
    }

    /// what stands beside a session, for its bar
    String beside(String state, Duration untilStop) {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("session", "a".repeat(16));
        facts.put("app", "faithful");
        facts.put("appTitle", "Old Faithful");
        facts.put("name", "default");
        facts.put("user", "ada");
        facts.put("state", state);
        facts.put("verdict", untilStop == null ? "keep" : "warn");
        facts.put("reason", state.equals("ended") ? "stopped because nobody used it for 2 h" : "used 2 min ago");
        if (untilStop != null)
            facts.put("stopsAt", Instant.now().plus(untilStop).toString());
        facts.put("portalUrl", "/");
        facts.put("startUrl", "/app/faithful");
        return Json.text(facts);
    }

    String appPage() {
        return """
                <!doctype html><html lang="en"><head><meta charset="utf-8"><title>Old Faithful</title>
                <meta name="viewport" content="width=device-width, initial-scale=1">
                <link rel="icon" href="data:,">
                <script defer src=".carrel/bar.js"></script></head>
                <body><h1>Old Faithful Geyser Data</h1><label>Number of bins: <input type="range"></label>
                <p>The app's own page.</p></body></html>
                """;
    }
}
