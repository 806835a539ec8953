package org.carrel.kind;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.carrel.domain.app.App;
import org.carrel.domain.kind.KindId;
import org.carrel.domain.kind.ProxyRules;
import org.carrel.domain.kind.ProxyRules.Host;
import org.carrel.domain.kind.ProxyRules.Prefix;
import org.carrel.launch.Launcher.Signal;

/// An R Shiny app: one R process per session, listening on a unix socket.
/// Facts (httpuv 1.6.9, shiny 1.7.4): it must be reached at `/`; it accepts connections only after `app.R` has run, so
/// a
/// 200 on `/` is the truth; TERM leaves R's temporary directory behind, INT doesn't; it never removes its socket.
public final class ShinyDriver implements KindDriver {
    public static final KindId ID = new KindId("shiny");

    /// Everything variable comes in by the environment, so nothing has to be quoted for R.
    /// 007: the socket is for its user and for the group of its directory, which is the gateway's.
    private static final String RUN = """
            shiny::runApp(Sys.getenv("CARREL_APP"), port = structure(Sys.getenv("CARREL_SOCKET"), \
            mask = strtoi(Sys.getenv("CARREL_UMASK"), 8L)), launch.browser = FALSE)""";

    private final Programs programs;

    public ShinyDriver() {
        this(Programs.ofThisMachine());
    }

    ShinyDriver(Programs programs) {
        this.programs = programs;
    }

    @Override
    public KindId id() {
        return ID;
    }

    @Override
    public ProxyRules rules() {
        return new ProxyRules(Prefix.STRIP, Host.PUBLIC, Optional.of(ShinyLink.MARKED));
    }

    @Override
    public Listening listening(App app) {
        return Listening.SOCKET;
    }

    @Override
    public Plan plan(App app, Site site) {
        String socket = KindDriver.socketOf(site);
        Map<String, String> environment = new java.util.TreeMap<>(app.environment());
        programs.rLibrary().ifPresent(library -> environment.putIfAbsent("R_LIBS", library));
        environment.put("CARREL_APP", app.directory().orElse(""));
        environment.put("CARREL_SOCKET", socket);
        environment.put("CARREL_UMASK", "007");
        environment.putAll(ShinyLink.environment(app, site));
        return new Plan(
                List.of("R", "--no-save", "--no-restore", "--no-echo", "-e", ShinyLink.LOAD, "-e", RUN),
                environment,
                app.directory().orElse(""),
                app.resumeWindow().isPresent() ? ShinyLink.FILES : Map.of(),
                List.of(),
                new Probe.Get("/", 200, 299));
    }

    @Override
    public Optional<String> obstacle(App app) {
        if (app.directory().isEmpty()) return Optional.of("path is missing: the directory that holds app.R");
        Path directory = Path.of(app.directory().get());
        if (!Files.isDirectory(directory)) return Optional.of("there is no directory " + directory);
        boolean whole = Files.isRegularFile(directory.resolve("app.R"));
        boolean halves =
                Files.isRegularFile(directory.resolve("ui.R")) && Files.isRegularFile(directory.resolve("server.R"))
                        || Files.isRegularFile(directory.resolve("server.R"))
                                && Files.isRegularFile(directory.resolve("www/index.html"));
        if (!whole && !halves)
            return Optional.of("wrong directory: " + directory + " holds neither app.R nor ui.R and server.R");
        return programs.shinyObstacle();
    }

    @Override
    public boolean isWorking(Served served) {
        return false;
    }

    @Override
    public List<StopStep> stopSteps(Served served) {
        return List.of(
                new StopStep.Send(Signal.INT, Duration.ofSeconds(5)),
                new StopStep.Send(Signal.TERM, Duration.ofSeconds(3)));
    }
}
