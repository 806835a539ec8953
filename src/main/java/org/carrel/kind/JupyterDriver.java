package org.carrel.kind;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.carrel.domain.app.App;
import org.carrel.domain.kind.KindId;
import org.carrel.domain.kind.ProxyRules;
import org.carrel.domain.kind.ProxyRules.Host;
import org.carrel.domain.kind.ProxyRules.Prefix;
import org.carrel.domain.session.Endpoint;
import org.carrel.http.Header;
import org.carrel.launch.Launcher.Signal;

/// Jupyter Notebook, with whatever kernels are installed. Seen with notebook 6.4.12:
/// its `base_url` must be the outside prefix (404 else); `GET <base>api` answers without a token once it is up; over
/// loopback ports another user could read code and output of kernels, so kernels speak over sockets (`transport=ipc`)
/// and
/// so does the server; killed, it leaves its kernels alive, so it is asked to shut down first.
///
/// The token is in a file that only the session's user reads; the gateway sends it with each request, so a browser
/// never
/// has it.
public final class JupyterDriver implements KindDriver {
    public static final KindId ID = new KindId("jupyter");

    static final String CONFIGURATION = "jupyter_config.py";

    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Programs programs;

    public JupyterDriver() {
        this(Programs.ofThisMachine());
    }

    JupyterDriver(Programs programs) {
        this.programs = programs;
    }

    @Override
    public KindId id() {
        return ID;
    }

    @Override
    public boolean keepsFiles() {
        return true;
    }

    @Override
    public ProxyRules rules() {
        // the public name, because Jupyter compares it with Referer and Origin
        return new ProxyRules(Prefix.KEEP, Host.PUBLIC);
    }

    @Override
    public Listening listening(App app) {
        return Listening.SOCKET;
    }

    @Override
    public Plan plan(App app, Site site) {
        String socket = KindDriver.socketOf(site);
        Map<String, String> environment = new TreeMap<>(app.environment());
        programs.rLibrary().ifPresent(library -> environment.putIfAbsent("R_LIBS", library));
        // a kernel's sockets are named below it, and such a name may have 107 bytes: so it lies where paths are short
        environment.put(
                "JUPYTER_RUNTIME_DIR", Path.of(socket).resolveSibling("j").toString());
        List<String> argv = new ArrayList<>(program());
        argv.add("--config=" + site.baseDirectory() + "/" + CONFIGURATION);
        return new Plan(
                argv,
                environment,
                app.directory().orElse(""),
                Map.of(CONFIGURATION, configuration(app, site, socket)),
                List.of(authorization(site.secret())),
                new Probe.Get(site.prefix() + "/api", 200, 200));
    }

    /// The distribution's own must not be run by another Python that comes first in the path.
    private List<String> program() {
        Path found = programs.find("jupyter-notebook").orElse(Path.of("/usr/bin/jupyter-notebook"));
        return found.startsWith("/usr/bin") ? List.of("/usr/bin/python3", found.toString()) : List.of(found.toString());
    }

    private static String configuration(App app, Site site, String socket) {
        String directory = app.directory().map(JupyterDriver::python).orElse("__import__('os').path.expanduser('~')");
        return """
                c.NotebookApp.token = %s
                c.NotebookApp.password = ''
                c.NotebookApp.allow_password_change = False
                c.NotebookApp.base_url = %s
                c.NotebookApp.sock = %s
                c.NotebookApp.sock_mode = '0770'
                c.NotebookApp.allow_remote_access = True
                c.NotebookApp.allow_root = True
                c.NotebookApp.open_browser = False
                c.NotebookApp.quit_button = False
                c.NotebookApp.notebook_dir = %s
                c.KernelManager.transport = 'ipc'
                """.formatted(python(site.secret().value()), python(site.prefix() + "/"), python(socket), directory);
    }

    /// A Python text that means exactly this.
    static String python(String text) {
        StringBuilder quoted = new StringBuilder("'");
        text.chars().forEach(c -> {
            if (c == '\'' || c == '\\' || c < 32) quoted.append(String.format("\\u%04x", c));
            else quoted.append((char) c);
        });
        return quoted.append('\'').toString();
    }

    @Override
    public Optional<String> obstacle(App app) {
        if (!programs.has("jupyter-notebook"))
            return Optional.of("Jupyter is not installed: apt-get install jupyter-notebook r-cran-irkernel");
        if (app.directory().isPresent()
                && !Files.isDirectory(Path.of(app.directory().get())))
            return Optional.of("there is no directory " + app.directory().get());
        return Optional.empty();
    }

    /// Whether a kernel computes. Asked in the way that doesn't count as use.
    @Override
    public boolean isWorking(Served served) throws IOException {
        SocketHttp.Reply reply = SocketHttp.get(
                served.endpoint(),
                prefixOf(served.endpoint()) + "/api/kernels?no_track_activity=1",
                header(served.secret()),
                PATIENCE);
        if (reply.status() != 200) throw new IOException("Jupyter answers " + reply.status() + " about its kernels");
        for (JsonNode kernel : JSON.readTree(reply.body()))
            if (kernel.path("execution_state").asText().equals("busy")) return true;
        return false;
    }

    @Override
    public List<StopStep> stopSteps(Served served) {
        return List.of(
                new StopStep.Post(prefixOf(served.endpoint()) + "/api/shutdown", Duration.ofSeconds(8)),
                new StopStep.Send(Signal.TERM, Duration.ofSeconds(5)));
    }

    /// A session's socket lies in a directory named by its id, and its prefix is made of the id.
    private static String prefixOf(Endpoint endpoint) {
        return switch (endpoint) {
            case Endpoint.Unix unix ->
                "/s/" + Path.of(unix.path()).resolve("..").normalize().getFileName();
            case Endpoint.Tcp tcp -> throw new IllegalArgumentException("Jupyter listens on a socket, not on " + tcp);
        };
    }

    private static Header authorization(Secret secret) {
        return new Header("Authorization", "token " + secret.value());
    }

    private static String header(Secret secret) {
        return "Authorization: token " + secret.value();
    }
}
