package org.carrel.kind;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.carrel.domain.app.App;
import org.carrel.domain.app.Attachment;
import org.carrel.domain.kind.KindId;
import org.carrel.domain.kind.ProxyRules;
import org.carrel.domain.kind.ProxyRules.Host;
import org.carrel.domain.kind.ProxyRules.Polls;
import org.carrel.domain.kind.ProxyRules.Prefix;
import org.carrel.domain.session.Endpoint;
import org.carrel.domain.session.SignOn;
import org.carrel.domain.user.UserId;
import org.carrel.http.Header;
import org.carrel.launch.Launcher.Signal;

/// RStudio Server, the open one, in two ways. *Attached*: the machine's own `rserver` runs already, as root, and gives
/// every account a session. *Launched*: each session is an `rserver` of its own, which runs as this program's user.
///
/// In both the user never signs in again: requests carry RStudio's own signed cookie (`SecureCookie`) from the gateway
/// to `rserver`, and the browser never holds it. The cookie against forged requests goes with it from the first page
/// on, because only RStudio's sign-in page would make it, and it must not change while the page is open.
///
/// Facts (rstudio 2025.07, `server/ServerMain.cpp`, `core/http/Request.cpp`, `session/SessionMain.cpp`): pages poll
/// `/events/get_events` for 50 s each and send `X-RStudio-Refresh-Auth-Creds: 0` with what a timer asks; `rsession`
/// suspends itself at USR1 when it can, at USR2 and TERM in any case; `rserver` ends at TERM and hands that on.
public final class RStudioDriver implements KindDriver {
    public static final KindId ID = new KindId("rstudio");

    private static final String PROGRAM = "rserver";
    private static final Path USUAL = Path.of("/usr/lib/rstudio-server/bin/rserver");

    /// the signed one, and those that go with it
    private static final List<String> COOKIES =
            List.of("user-id", "user-list-id", "persist-auth", "rs-csrf-token", "csrf-token");

    private static final ProxyRules RULES = new ProxyRules(
            Prefix.STRIP,
            Host.PUBLIC,
            Optional.empty(),
            withheld(),
            Optional.of(new Polls(
                    Set.of("/events/get_events", "/distributed_events", "/rpc/set_currently_editing"),
                    "X-RStudio-Refresh-Auth-Creds",
                    "0")),
            Optional.of("X-RStudio-Root-Path"),
            Optional.of("/auth-sign-out"));

    /// The first page: with a proof that its `rserver` accepts it is 200, else it leads to the sign-in page.
    private static final Probe FIRST_PAGE = new Probe.Get("/", 200, 200);

    private static final Duration COOKIE_LIFE = Duration.ofMinutes(60);
    private static final Duration COOKIE_FRESH = Duration.ofMinutes(30);
    private static final int CONNECT_MILLIS = 2_000;

    private final Programs programs;
    private final CookieKeys keys;
    private final boolean apart;

    /// @param apart every user's sessions have a uid of their own, which is no account of the machine
    public RStudioDriver(CookieKeys keys, boolean apart) {
        this(Programs.ofThisMachine(), keys, apart);
    }

    RStudioDriver(Programs programs, CookieKeys keys, boolean apart) {
        this.programs = programs;
        this.keys = keys;
        this.apart = apart;
    }

    private static Set<String> withheld() {
        Set<String> names = new java.util.HashSet<>(COOKIES);
        for (String name : COOKIES) names.add(name + "-legacy");
        return names;
    }

    @Override
    public KindId id() {
        return ID;
    }

    @Override
    public ProxyRules rules() {
        return RULES;
    }

    @Override
    public boolean keepsFiles() {
        return true;
    }

    @Override
    public Listening listening(App app) {
        return Listening.SOCKET;
    }

    @Override
    public Plan plan(App app, Site site) {
        if (app.attachment().isPresent()) return new Plan(List.of(), Map.of(), "", Map.of(), List.of(), FIRST_PAGE);
        String own = site.baseDirectory();
        List<String> argv = new ArrayList<>(app.command());
        if (argv.isEmpty()) argv.add(program().map(Path::toString).orElse(PROGRAM));
        argv.addAll(List.of(
                "--server-daemonize=0",
                "--auth-none=1",
                "--server-user=" + me(),
                "--www-socket=" + KindDriver.socketOf(site),
                "--www-frame-origin=same",
                "--www-verify-user-agent=0",
                "--server-data-dir=" + own + "/tmp/data",
                "--server-pid-file=" + own + "/tmp/rserver.pid",
                "--database-config-file=" + own + "/database.conf",
                "--secure-cookie-key-file=" + own + "/secure-cookie-key"));
        return new Plan(
                argv,
                app.environment(),
                app.directory().orElse(""),
                Map.of(
                        "database.conf",
                        "provider=sqlite\ndirectory=" + own + "/tmp/database\n",
                        "secure-cookie-key",
                        site.secret().value()),
                List.of(),
                FIRST_PAGE);
    }

    private static String me() {
        return System.getProperty("user.name", "");
    }

    @Override
    public Optional<SignOn> signOn(App app, UserId user) {
        if (app.attachment().isEmpty()) return Optional.of(new SignOn(me(), Optional.empty()));
        Attachment attachment = app.attachment().get();
        String account = attachment
                .accountOf(user)
                .orElseThrow(() -> new IllegalArgumentException(
                        user + " has no account of the machine there; the administrator can name one in its accounts"));
        return Optional.of(new SignOn(account, Optional.of(attachment.key())));
    }

    @Override
    public Optional<Proof> proof(Served served, Instant now) throws IOException {
        if (served.signOn().isEmpty()) return Optional.empty();
        SignOn signOn = served.signOn().get();
        byte[] key = signOn.key().isPresent()
                ? keys.key(signOn.key().get())
                : served.secret().value().getBytes(StandardCharsets.US_ASCII);
        String user = SecureCookie.of(key, signOn.account(), now.plus(COOKIE_LIFE));
        String cookies = "user-id=" + user + "; persist-auth=0; rs-csrf-token=" + csrf(served.secret());
        return Optional.of(new Proof(List.of(new Header("Cookie", cookies)), COOKIE_FRESH));
    }

    /// The same for the whole session, and nothing that leads back to its secret.
    private static String csrf(Secret secret) {
        return UUID.nameUUIDFromBytes(("csrf of " + secret.value()).getBytes(StandardCharsets.US_ASCII))
                .toString();
    }

    @Override
    public Optional<String> obstacle(App app) {
        if (app.service().isPresent()) return Optional.of("RStudio can't be a service: every user has a session");
        return app.attachment().isPresent() ? obstacle(app.attachment().get()) : launchObstacle(app);
    }

    private Optional<String> obstacle(Attachment attachment) {
        return keys.obstacle(attachment.key()).or(() -> silence(attachment.server()));
    }

    private static Optional<String> silence(Endpoint server) {
        try {
            switch (server) {
                case Endpoint.Unix(var path) ->
                    SocketChannel.open(UnixDomainSocketAddress.of(path)).close();
                case Endpoint.Tcp(var port) -> {
                    try (Socket socket = new Socket()) {
                        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), CONNECT_MILLIS);
                    }
                }
            }
            return Optional.empty();
        } catch (IOException e) {
            String where = server instanceof Endpoint.Unix(var path) ? path : "its port";
            return Optional.of("RStudio Server doesn't answer at " + where + " (" + e.getMessage()
                    + "): systemctl start rstudio-server, or mend rserver: in the settings");
        }
    }

    private Optional<String> launchObstacle(App app) {
        if (apart)
            return Optional.of("an rserver of its own needs an account of the machine, and sessions here have uids of"
                    + " their own: attach to the machine's rserver (rserver:, secure-cookie-key:, accounts:)");
        String named = app.command().isEmpty() ? "" : app.command().getFirst();
        boolean there = named.isEmpty() ? program().isPresent() : Files.isExecutable(Path.of(named));
        return there
                ? Optional.empty()
                : Optional.of("there is no " + (named.isEmpty() ? PROGRAM : named)
                        + ": install RStudio Server, or name its rserver in command:");
    }

    private Optional<Path> program() {
        return Files.isExecutable(USUAL) ? Optional.of(USUAL) : programs.find(PROGRAM);
    }

    @Override
    public boolean isWorking(Served served) {
        return false;
    }

    /// Suspended, never killed, as long as it heeds: R's memory is on disk then, and comes back with the next sign-in.
    @Override
    public List<StopStep> stopSteps(Served served) {
        boolean attached = served.signOn().flatMap(SignOn::key).isPresent();
        if (!attached) return List.of(new StopStep.Send(Signal.TERM, Duration.ofSeconds(25)));
        return List.of(
                new StopStep.Send(Signal.USR1, Duration.ofSeconds(15)),
                new StopStep.Send(Signal.USR2, Duration.ofSeconds(30)));
    }
}
