package org.carrel.config;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.carrel.domain.app.App;
import org.carrel.domain.app.AppId;
import org.carrel.domain.app.Attachment;
import org.carrel.domain.app.Audience;
import org.carrel.domain.app.FrontRules;
import org.carrel.domain.app.Service;
import org.carrel.domain.idle.IdleRule;
import org.carrel.domain.kind.KindId;
import org.carrel.domain.node.Resources;
import org.carrel.domain.user.UserId;

/// Reads one app, from `apps:` or from the `carrel.yaml` in a dropped directory.
final class AppReader {
    static final Resources DEFAULT_DEMAND = new Resources(50, 1L << 30);
    /// all keys of an app, for names of variables
    static final List<String> KEYS = List.of(
            "kind",
            "path",
            "command",
            "title",
            "description",
            "memory",
            "cpu",
            "idle",
            "idle-warning",
            "max-life",
            "start-timeout",
            "resume-window",
            "users",
            "groups",
            "needs",
            "service",
            "anonymous",
            "host",
            "trusted",
            "install",
            "per-node",
            "port",
            "allow",
            "connections",
            "per-client",
            "stall",
            "waiting",
            "wait",
            "rserver",
            "secure-cookie-key",
            "accounts",
            "files",
            "env");

    private static final List<String> FRONT_KEYS =
            List.of("allow", "connections", "per-client", "waiting", "wait", "stall");
    private static final long LEAST_MEMORY = 16L << 20;
    private static final Pattern VARIABLE = Pattern.compile("[A-Za-z_][A-Za-z0-9_]{0,127}");
    private static final Pattern SECRET = Pattern.compile("(?i).*(SECRET|PASSWORD|PASSWD|TOKEN|API_?KEY).*");
    private static final Pattern GROUP = Pattern.compile("[A-Za-z0-9_.@-]{1,64}");

    private final Set<String> kinds;
    private final HostClaims hosts;

    /// @param kinds that this program knows
    /// @param hosts shared by all readers of one configuration
    AppReader(Set<String> kinds, HostClaims hosts) {
        this.kinds = Set.copyOf(kinds);
        this.hosts = hosts;
    }

    /// @param base what a relative path begins at
    /// @param given what a dropped directory says by itself
    /// @return empty when findings now hold an error about it
    Optional<App> read(AppId id, Form form, Path base, Given given) {
        Optional<KindId> kind = form.value("kind", this::kind).or(given::kind);
        Optional<String> path = form.value("path", text -> path(text, base)).or(given::path);
        List<String> command = form.words("command");
        String title = form.value("title", AppReader::title).orElseGet(() -> titleOf(id));
        String description = form.value("description", AppReader::description).orElse("");
        Resources demand = new Resources(
                form.value("cpu", Quantities::millis).orElse(DEFAULT_DEMAND.cpuMillis()),
                form.bytes("memory", LEAST_MEMORY, 1L << 50, DEFAULT_DEMAND.memoryBytes()));
        IdleRule idle = idle(form);
        Duration startTimeout =
                form.duration("start-timeout", Duration.ofSeconds(1), Duration.ofHours(1), App.DEFAULT_START_TIMEOUT);
        Optional<Duration> resumeWindow =
                form.value("resume-window", AppReader::resumeWindow).orElse(App.DEFAULT_RESUME_WINDOW);
        Audience audience = new Audience(
                new HashSet<>(form.list("users", UserId::new).orElse(List.of())),
                new HashSet<>(form.list("groups", AppReader::group).orElse(List.of())));
        Map<String, String> environment = environment(form);
        App.Where where = new App.Where(
                Labels.read(form, "needs"), form.has("files") ? Optional.of(form.flag("files")) : Optional.empty());
        Optional<Service> service = service(id, form);
        Optional<Attachment> attachment = AttachmentReader.read(form, kind, service.isPresent());
        form.done();
        if (kind.isEmpty() && !form.has("kind"))
            form.error("kind", "is missing; it is one of " + String.join(", ", sortedKinds()));
        if (path.isPresent() && form.has("path") && !Files.isDirectory(Path.of(path.get())))
            form.warning("path", "is not a directory: " + path.get());
        Optional<App> app = kind.map(known -> new App(
                id,
                known,
                title,
                description,
                path,
                command,
                environment,
                demand,
                audience,
                idle,
                startTimeout,
                resumeWindow,
                where));
        if (service.isPresent()) return app.map(it -> it.as(service.get()));
        return attachment.isPresent() ? app.map(it -> it.attachedTo(attachment.get())) : app;
    }

    private Optional<Service> service(AppId id, Form form) {
        int perNode = form.number("per-node", 0, Service.PER_NODE_MOST, 0);
        boolean service = form.flag("service") || perNode > 0;
        List<String> install = form.words("install");
        boolean anonymous = form.flag("anonymous");
        boolean trusted = form.flag("trusted");
        List<String> own = form.list("host", text -> hosts.claim(id, text)).orElse(List.of());
        if (own.size() > HostClaims.MOST) form.error("host", "holds more than " + HostClaims.MOST + " names");
        if (trusted && form.has("host"))
            form.error("trusted", "has no meaning for a service with a host of its own: nothing else is there");
        if (service)
            for (String key : form.has("port") ? List.of("idle-warning") : List.of("idle", "idle-warning", "max-life"))
                if (form.has(key)) form.error(key, "has no meaning for a service, which is never idle");
        if (!service)
            for (String key : List.of("install", "anonymous", "host", "trusted", "port"))
                if (form.has(key)) form.error(key, "has a meaning for services only: service: true");
        if (!form.has("port"))
            for (String key : FRONT_KEYS) if (form.has(key)) form.error(key, "has a meaning with a port only");
        Optional<FrontRules> front = form.has("port") ? Optional.of(front(form)) : Optional.empty();
        return service ? Optional.of(new Service(install, anonymous, own, trusted, perNode, front)) : Optional.empty();
    }

    private static FrontRules front(Form form) {
        return new FrontRules(
                form.number("port", 1, 65_535, FrontRules.DEFAULT_PORT),
                form.list("allow", Settings::network).orElse(List.of()),
                form.number("connections", 1, FrontRules.MOST, FrontRules.DEFAULT_CONNECTIONS),
                form.number("per-client", 1, FrontRules.MOST, FrontRules.DEFAULT_PER_CLIENT),
                form.number("waiting", 0, FrontRules.MOST, FrontRules.DEFAULT_WAITING),
                form.duration("wait", Duration.ofSeconds(1), Duration.ofHours(1), FrontRules.DEFAULT_PATIENCE),
                form.durationOrNever("idle", FrontRules.DEFAULT_IDLE),
                form.durationOrNever("max-life", FrontRules.DEFAULT_MAX_LIFE),
                form.duration("stall", Duration.ofSeconds(1), Duration.ofHours(1), FrontRules.DEFAULT_STALL));
    }

    /// @param path absolute
    record Given(Optional<KindId> kind, Optional<String> path) {
        static final Given NOTHING = new Given(Optional.empty(), Optional.empty());
    }

    private KindId kind(String word) {
        if (!kinds.contains(word))
            throw new IllegalArgumentException("must be one of " + String.join(", ", sortedKinds()) + ", not \""
                    + Tree.shown(word) + "\"" + Nearest.hint(word, kinds));
        return new KindId(word);
    }

    private List<String> sortedKinds() {
        return kinds.stream().sorted().toList();
    }

    private static IdleRule idle(Form form) {
        Optional<Duration> after = form.durationOrNever("idle", IdleRule.DEFAULT.after());
        Duration least = after.orElse(IdleRule.DEFAULT.warning());
        Duration usual = IdleRule.DEFAULT.warning().compareTo(least.dividedBy(2)) > 0
                ? least.dividedBy(2)
                : IdleRule.DEFAULT.warning();
        Duration warning = form.duration("idle-warning", Duration.ZERO, Duration.ofDays(1), usual);
        if (form.has("idle-warning") && after.isPresent() && warning.compareTo(after.get()) >= 0)
            form.error(
                    "idle-warning",
                    "must be shorter than idle (" + Quantities.words(after.get()) + "), not \""
                            + Quantities.words(warning) + "\"");
        return new IdleRule(after, warning, form.durationOrNever("max-life", Optional.empty()));
    }

    private static Optional<Duration> resumeWindow(String word) {
        if (word.equals("never")) return Optional.empty();
        Duration window = Quantities.duration(word);
        if (window.compareTo(App.LEAST_RESUME_WINDOW) < 0 || window.compareTo(App.MOST_RESUME_WINDOW) > 0)
            throw new IllegalArgumentException("must be from " + Quantities.words(App.LEAST_RESUME_WINDOW) + " to "
                    + Quantities.words(App.MOST_RESUME_WINDOW) + ", or never, not \"" + word + "\"");
        return Optional.of(window);
    }

    private static Map<String, String> environment(Form form) {
        Map<String, String> environment = form.texts("env");
        for (String name : environment.keySet()) {
            if (!VARIABLE.matcher(name).matches())
                form.error("env", "holds \"" + Tree.shown(name) + "\", which can't be the name of a variable");
            else if (SECRET.matcher(name).matches())
                form.warning(
                        "env", "holds " + name + ": a variable is no place for secrets, they can be read in /proc");
        }
        return environment;
    }

    private static String path(String text, Path base) {
        try {
            return base.resolve(text).toAbsolutePath().normalize().toString();
        } catch (InvalidPathException wrong) {
            throw new IllegalArgumentException(
                    "must be the path of a directory, not \"" + Tree.shown(text) + "\"", wrong);
        }
    }

    private static String title(String text) {
        if (text.isBlank() || text.length() > 80)
            throw new IllegalArgumentException("must have 1 to 80 characters, not " + text.length());
        return text.strip();
    }

    private static String description(String text) {
        if (text.length() > 400)
            throw new IllegalArgumentException("must have at most 400 characters, not " + text.length());
        return text.strip();
    }

    private static String group(String text) {
        if (!GROUP.matcher(text).matches())
            throw new IllegalArgumentException(
                    "must be the name of a group (" + GROUP + "), not \"" + Tree.shown(text) + "\"");
        return text;
    }

    /// `old-faithful` becomes "Old faithful"
    static String titleOf(AppId id) {
        String words = id.value().replace('-', ' ').replace('_', ' ').strip();
        return words.substring(0, 1).toUpperCase(java.util.Locale.ROOT) + words.substring(1);
    }
}
