package org.carrel.kind;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.carrel.domain.app.App;
import org.carrel.domain.kind.KindId;
import org.carrel.domain.kind.ProxyRules;
import org.carrel.launch.Launcher.Signal;

/// Rserve: one R that forks a child for each connection and speaks QAP, not HTTP. It listens on a unix socket only;
/// the network is the front's.
/// Facts (Rserve 1.8-11): it speaks first, 32 bytes; it listens with a backlog of 16; TERM ends the parent at once and
/// leaves children to their clients, so all processes of the session get it; each child has a working directory of its
/// own below `workdir`, which often stays.
public final class RserveDriver implements KindDriver {
    public static final KindId ID = new KindId("rserve");

    /// run once before the first connection, so that what it loads is there in each
    public static final String BEFORE = "rserve.R";

    static final Probe.Greeting GREETING = new Probe.Greeting("Rsrv0103QAP1", 32);

    private static final String CONFIGURATION = "Rserv.conf";
    /// of one message from a client, in KiB: Rserve's own default, written down because the front has the same
    private static final int MOST_KIB = 262_144;

    private final Programs programs;

    public RserveDriver() {
        this(Programs.ofThisMachine());
    }

    RserveDriver(Programs programs) {
        this.programs = programs;
    }

    @Override
    public KindId id() {
        return ID;
    }

    @Override
    public ProxyRules rules() {
        return ProxyRules.PLAIN;
    }

    @Override
    public Optional<Probe.Greeting> greeting() {
        return Optional.of(GREETING);
    }

    @Override
    public Listening listening(App app) {
        return Listening.SOCKET;
    }

    @Override
    public Plan plan(App app, Site site) {
        Map<String, String> environment = new TreeMap<>(app.environment());
        programs.rLibrary().ifPresent(library -> environment.putIfAbsent("R_LIBS", library));
        return new Plan(
                List.of(
                        "R",
                        "CMD",
                        programs.rserve().orElse("Rserve"),
                        "--no-save",
                        "--no-restore",
                        "--RS-conf",
                        site.baseDirectory() + "/" + CONFIGURATION),
                environment,
                app.directory().orElse(""),
                Map.of(CONFIGURATION, configuration(app, site)),
                List.of(),
                GREETING);
    }

    private static String configuration(App app, Site site) {
        String before = app.directory()
                .map(directory -> Path.of(directory, BEFORE))
                .filter(Files::isRegularFile)
                .map(file -> "source " + file + "\n")
                .orElse("");
        return """
                remote disable
                socket %s
                sockmod 0660
                workdir %s/tmp/rserve
                workdir.clean enable
                maxinbuf %d
                maxsendbuf 0
                interactive no
                encoding utf8
                daemon disable
                shutdown disable
                auth disable
                """.formatted(KindDriver.socketOf(site), site.baseDirectory(), MOST_KIB) + before;
    }

    @Override
    public Optional<String> obstacle(App app) {
        if (app.service().isEmpty())
            return Optional.of("all users share an Rserve: say per-node: 1, how many there are to be on each node");
        if (app.directory().isPresent()
                && !Files.isDirectory(Path.of(app.directory().get())))
            return Optional.of("there is no directory " + app.directory().get());
        return programs.rserveObstacle();
    }

    @Override
    public boolean isWorking(Served served) {
        return false;
    }

    @Override
    public List<StopStep> stopSteps(Served served) {
        return List.of(new StopStep.Send(Signal.TERM, Duration.ofSeconds(5)));
    }
}
