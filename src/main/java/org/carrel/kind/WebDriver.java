package org.carrel.kind;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.carrel.domain.app.App;
import org.carrel.domain.kind.KindId;
import org.carrel.domain.kind.ProxyRules;
import org.carrel.domain.session.Endpoint;
import org.carrel.launch.LaunchSpec;
import org.carrel.launch.Launcher.Signal;

/// Any command that serves HTTP where it is told to: `{socket}`, the path of a unix socket, or `{port}`, a port of
/// loopback; `{prefix}` becomes `/s/<id>`, for programs that make absolute links. A socket is reached by nobody but its
/// session and the gateway. A port is reached by every user of the machine: so where users are kept apart, a program
/// that
/// wants a port gets a network of its own, and `PortRelay` carries a socket to it; see `docs/adr/0006`.
public final class WebDriver implements KindDriver {
    public static final KindId ID = new KindId("web");

    static final String SOCKET = "{socket}";
    static final String PORT = "{port}";
    static final String PREFIX = "{prefix}";

    private final Programs programs;
    private final boolean apart;

    /// @param apart users are kept apart from each other here (`ProcessLauncher.keepsUsersApart`)
    public WebDriver(boolean apart) {
        this(Programs.ofThisMachine(), apart);
    }

    public WebDriver() {
        this(false);
    }

    WebDriver(Programs programs, boolean apart) {
        this.programs = programs;
        this.apart = apart;
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
    public Listening listening(App app) {
        return uses(app, SOCKET) || apart ? Listening.SOCKET : Listening.PORT;
    }

    @Override
    public Plan plan(App app, Site site) {
        boolean relayed = apart && uses(app, PORT);
        List<String> argv = new ArrayList<>();
        if (relayed) argv.addAll(PortRelay.command(KindDriver.socketOf(site)));
        for (String word : app.command())
            argv.add(filled(word, site).replace(PORT, relayed ? Integer.toString(PortRelay.PORT) : PORT));
        Map<String, String> environment = new HashMap<>(app.environment());
        if (relayed) environment.put(LaunchSpec.OWN_NETWORK, "yes");
        return new Plan(
                argv,
                environment,
                app.directory().orElse(""),
                Map.of(),
                List.of(),
                // a page that asks for something more, or isn't there, is an answer too; a server's own failure isn't
                new Probe.Get("/", 200, 499));
    }

    private static String filled(String word, Site site) {
        String where = switch (site.endpoint()) {
            case Endpoint.Unix unix -> word.replace(SOCKET, unix.path());
            case Endpoint.Tcp tcp -> word.replace(PORT, Integer.toString(tcp.port()));
        };
        return where.replace(PREFIX, site.prefix());
    }

    @Override
    public Optional<String> obstacle(App app) {
        if (app.command().isEmpty()) return Optional.of("command is missing: what is to be started");
        if (!uses(app, SOCKET) && !uses(app, PORT))
            return Optional.of("command must hold {socket} or {port}, else nobody knows where it listens");
        if (uses(app, SOCKET) && uses(app, PORT))
            return Optional.of("command holds {socket} and {port}: only one can be the place where it listens");
        if (apart && uses(app, PORT) && !programs.has("perl"))
            return Optional.of(
                    "{port} needs perl here, to keep the port from other users: use {socket}, or install perl");
        if (app.directory().isPresent()
                && !Files.isDirectory(Path.of(app.directory().get())))
            return Optional.of("there is no directory " + app.directory().get());
        String program = app.command().getFirst();
        boolean there = program.contains("/") ? Files.isExecutable(Path.of(program)) : programs.has(program);
        return there ? Optional.empty() : Optional.of("there is no program " + program + " (or it may not be run)");
    }

    private static boolean uses(App app, String place) {
        return app.command().stream().anyMatch(word -> word.contains(place));
    }

    @Override
    public boolean isWorking(Served served) {
        return false;
    }

    @Override
    public List<StopStep> stopSteps(Served served) {
        return List.of(new StopStep.Send(Signal.TERM, Duration.ofSeconds(10)));
    }
}
