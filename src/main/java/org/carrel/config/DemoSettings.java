package org.carrel.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.carrel.config.Settings.Limits;
import org.carrel.config.Settings.Listen;
import org.carrel.config.Settings.LogFormat;
import org.carrel.domain.app.App;
import org.carrel.domain.app.AppId;
import org.carrel.domain.app.Audience;
import org.carrel.domain.idle.IdleRule;
import org.carrel.domain.kind.KindId;
import org.carrel.domain.node.Capacity;
import org.carrel.domain.node.NodeName;
import org.carrel.domain.node.Resources;
import org.carrel.domain.user.UserId;

/// The settings of one node of `carrel demo`: on loopback, three accounts with one password, and apps; accounts and
/// apps
/// are the same on all its nodes. The Shiny apps are
/// copied into the demo's own `apps/`, where sessions' users can read them whatever the rights of the checkout, and
/// where a directory dropped beside them becomes an app.
/// @param accounts all with `password`
public record DemoSettings(Settings settings, List<Account> accounts, String password) {
    /// whose directory holds what the nodes have in common
    private static final String FIRST = "n1";

    static final int PASSWORD_LEAST = 1;
    private static final int PASSWORD_MOST = 200;
    /// 128 short words: seven bits each
    private static final List<String> WORDS = List.of("""
            acorn amber anchor apple arrow aspen autumn badger bamboo barley basil beacon birch bison blossom bramble
            breeze bridge bronze brook cactus candle canoe canyon cedar cherry cinder citrus clover cobalt comet copper
            coral cotton crane cricket crocus dahlia daisy dapple dolphin drizzle eagle ember falcon fennel fern fiddle
            finch flint forest fossil garnet ginger glacier granite grove harbor hazel heather heron hickory honey indigo
            iris island ivory jasmine juniper kelp kestrel lagoon lantern larch laurel lemon lichen lilac linden lotus
            magnet mango maple marble meadow mellow mint mosaic moss nectar nutmeg oasis olive onyx orchid otter
            paper pebble pepper pigeon pine plum poplar prairie quartz quill rabbit raven reed ripple river robin
            saffron sage sparrow spruce summit teal thistle timber tulip velvet violet walnut willow winter zephyr ziggurat
            """.strip().split("\\s+"));

    /// words of a made-up password: 28 random bits, enough behind the throttle of a demo on loopback
    private static final int PASSWORD_WORDS = 4;

    public DemoSettings {
        accounts = List.copyOf(accounts);
    }

    /// @param groups `admin` makes an administrator
    public record Account(UserId user, Set<String> groups) {}

    /// @param port     of this node's pages; 0: any free one
    /// @param password empty: four random words
    /// @param places   of this user; the demo's lie below them
    /// @param jupyter  notebooks can run here
    /// @throws IllegalArgumentException when the given password can't be one
    public static DemoSettings of(
            DemoNode node, int port, Optional<String> password, Places places, Machine machine, boolean jupyter) {
        String secret = password.orElseGet(DemoSettings::newPassword);
        if (secret.length() < PASSWORD_LEAST || secret.length() > PASSWORD_MOST)
            throw new IllegalArgumentException(
                    "a password must have " + PASSWORD_LEAST + " to " + PASSWORD_MOST + " characters");
        Places own = places.demo(node.name());
        Places common = places.demo(FIRST);
        List<App> apps = new ArrayList<>();
        if (jupyter) apps.add(notebook());
        apps.add(hello());
        Settings settings = new Settings(
                List.of(new Listen("127.0.0.1", port)),
                List.of(),
                Optional.of("localhost"),
                usersFile(places),
                new Settings.Node(
                        new NodeName(node.name()),
                        new Capacity(
                                // together no more than there is; but one core is the least that anything runs on
                                new Resources(
                                        Math.max(1000, machine.cores() * 1000 / node.of()),
                                        machine.memoryBytes() / 10 * 9 / node.of()),
                                100,
                                Math.max(1, machine.cores() / node.of()))),
                node.cluster(common.settings().resolve("key"), port - node.number() + 1),
                FaceSettings.NONE,
                Limits.DEFAULT,
                Duration.ofSeconds(5),
                Settings.UPGRADE_DRAIN,
                LogFormat.PLAIN,
                false,
                Optional.empty(),
                List.of(),
                common.state().resolve("apps"),
                own.state(),
                own.run(),
                Optional.empty(),
                apps);
        return new DemoSettings(
                settings,
                List.of(
                        new Account(new UserId("ada"), Set.of("users")),
                        new Account(new UserId("ben"), Set.of("users")),
                        new Account(new UserId("admin"), Set.of("users", "admin"))),
                secret);
    }

    /// @param places of this user
    public static Path usersFile(Places places) {
        return places.demo(FIRST).settings().resolve("users");
    }

    /// Where `LiveCatalogue` reads: no file of the user's, only the demo's apps directory.
    public Configuration configuration(Set<String> kinds, Machine machine) {
        Path state = settings.stateDirectory();
        return Configuration.fixed(settings, state.resolve("carrel.yaml"), kinds, machine);
    }

    /// Puts the apps that come with Carrel where the demo runs them. Apps that the user dropped there stay.
    /// @param shipped `demo/apps` of the checkout
    public void copyApps(Path shipped) throws IOException {
        Path target = settings.appsDirectory();
        Files.createDirectories(target);
        readable(target);
        if (!Files.isDirectory(shipped)) return;
        try (Stream<Path> all = Files.walk(shipped, 3)) {
            for (Path from : (Iterable<Path>) all::iterator) {
                Path to = target.resolve(shipped.relativize(from).toString());
                if (Files.isDirectory(from)) Files.createDirectories(to);
                else if (!Files.exists(to) || Files.mismatch(from, to) >= 0)
                    Files.copy(from, to, StandardCopyOption.REPLACE_EXISTING);
                readable(to);
            }
        }
    }

    private static void readable(Path path) throws IOException {
        Files.setPosixFilePermissions(
                path, PosixFilePermissions.fromString(Files.isDirectory(path) ? "rwxr-xr-x" : "rw-r--r--"));
    }

    private static App notebook() {
        return app(
                "notebook",
                "jupyter",
                "Notebook",
                "Jupyter with the R kernel: text, code and plots on one page.",
                List.of(),
                1L << 30);
    }

    private static App hello() {
        return app(
                "hello",
                "web",
                "Hello",
                "Built in, needs no R: who you are, where this runs, an echo and a live counter.",
                List.of("{carrel}", "hello", "--socket", "{socket}"),
                200L << 20);
    }

    private static App app(
            String id, String kind, String title, String description, List<String> command, long memoryBytes) {
        return new App(
                new AppId(id),
                new KindId(kind),
                title,
                description,
                Optional.empty(),
                command,
                java.util.Map.of(),
                new Resources(AppReader.DEFAULT_DEMAND.cpuMillis(), memoryBytes),
                Audience.EVERYBODY,
                IdleRule.DEFAULT,
                App.DEFAULT_START_TIMEOUT);
    }

    /// four random words
    public static String newPassword() {
        return words(new SecureRandom());
    }

    static String words(SecureRandom random) {
        List<String> chosen = new ArrayList<>();
        for (int i = 0; i < PASSWORD_WORDS; i++) chosen.add(WORDS.get(random.nextInt(WORDS.size())));
        return String.join("-", chosen);
    }
}
