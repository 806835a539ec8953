package org.carrel.config;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.carrel.config.Configuration.Loaded;
import org.carrel.domain.app.App;
import org.carrel.domain.app.AppId;
import org.carrel.domain.route.ServiceAddresses;
import org.carrel.port.Audit;
import org.carrel.port.Catalogue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The apps of the settings file and of the apps directory, followed as they change. One virtual thread looks every
/// second and is the only one that reads; everybody else sees the last good state. A bad change leaves the old apps
/// where they are and shows in `lastProblem`.
public final class LiveCatalogue implements Catalogue, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(LiveCatalogue.class);
    private static final Duration LOOK_EVERY = Duration.ofSeconds(1);
    /// a file that is being written must look the same twice, so far apart, before it is read
    private static final Duration SETTLED_FOR = Duration.ofMillis(200);
    private static final int SETTLE_TRIES = 25;
    private static final Duration OBSTACLE_KEPT = Duration.ofSeconds(30);
    private static final Duration RELOAD_PATIENCE = Duration.ofSeconds(20);

    private final Configuration configuration;
    private final Function<App, Optional<String>> obstacles;
    private final InstantSource time;
    private final Audit audit;
    private final BlockingQueue<CompletableFuture<Report>> asked = new ArrayBlockingQueue<>(16);
    private final ConcurrentHashMap<App, Known> known = new ConcurrentHashMap<>();
    private final Thread watcher;
    private volatile State state;

    /// @param settings with apps of the file only
    /// @param dropped  apps of the directory, by id
    /// @param problem  with errors; empty when the last reading was good
    private record State(
            Settings settings,
            Map<AppId, App> dropped,
            List<App> apps,
            ServiceAddresses services,
            Optional<Report> problem) {}

    private record Known(Optional<String> obstacle, Instant at) {}

    private LiveCatalogue(
            Configuration configuration,
            Settings settings,
            Function<App, Optional<String>> obstacles,
            InstantSource time,
            Audit audit) {
        this.audit = audit;
        this.configuration = configuration;
        this.obstacles = obstacles;
        this.time = time;
        this.state = withDirectory(settings, Map.of(), Optional.empty());
        this.watcher = Thread.ofVirtual().name("catalogue").unstarted(this::watch);
    }

    /// @param settings  as loaded just now from the same configuration
    /// @param obstacles why an app can't be started here; asked at most every 30 s for each app, may block
    /// @param audit     hears of every reading that found a change
    public static LiveCatalogue open(
            Configuration configuration,
            Settings settings,
            Function<App, Optional<String>> obstacles,
            InstantSource time,
            Audit audit) {
        LiveCatalogue catalogue = new LiveCatalogue(configuration, settings, obstacles, time, audit);
        catalogue.watcher.start();
        return catalogue;
    }

    @Override
    public List<Entry> entries() {
        return state.apps().stream().map(app -> new Entry(app, obstacle(app))).toList();
    }

    @Override
    public Optional<Entry> find(AppId id) {
        return state.apps().stream()
                .filter(app -> app.id().equals(id))
                .findFirst()
                .map(app -> new Entry(app, obstacle(app)));
    }

    /// Where the services of the present apps are; one read.
    public ServiceAddresses services() {
        return state.services();
    }

    /// What is wrong with the present files, while the apps of before stay; empty when all is well.
    public Optional<Report> lastProblem() {
        return state.problem();
    }

    /// Reads now, whether or not anything seems to have changed.
    /// @return what there is to say about the files
    public Report reload() throws InterruptedException {
        CompletableFuture<Report> answer = new CompletableFuture<>();
        if (!watcher.isAlive() || !asked.offer(answer))
            throw new IllegalStateException("the catalogue is closed or busy");
        try {
            return answer.get(RELOAD_PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException failed) {
            throw new IllegalStateException("the settings could not be read again in time", failed);
        }
    }

    @Override
    public void close() {
        watcher.interrupt();
    }

    private void watch() {
        // what changed between the first reading and now would be missed otherwise: the first look always reads
        String seen = "";
        while (!Thread.currentThread().isInterrupted()) {
            try {
                seen = look(seen);
            } catch (InterruptedException closed) {
                return;
            } catch (RuntimeException bug) {
                log.error("settings could not be read again; the present apps stay", bug);
            }
        }
    }

    /// Waits for its time or for somebody's wish. @return the fingerprint of what was read last
    private String look(String seen) throws InterruptedException {
        CompletableFuture<Report> ask = asked.poll(LOOK_EVERY.toMillis(), TimeUnit.MILLISECONDS);
        String now = fingerprint();
        if (ask == null && now.equals(seen)) return seen;
        if (ask == null) now = settled(now);
        try {
            Report report = read();
            if (ask != null) ask.complete(report);
            // asking R what it has takes half a second; done here, nobody's page waits for it
            entries();
        } finally {
            // a reader that waits must not wait for nothing when reading failed
            if (ask != null) ask.completeExceptionally(new IllegalStateException("reading the settings failed"));
        }
        return now;
    }

    private String settled(String first) throws InterruptedException {
        String before = first;
        for (int look = 0; look < SETTLE_TRIES; look++) {
            Thread.sleep(SETTLED_FOR);
            String now = fingerprint();
            if (now.equals(before)) return now;
            before = now;
        }
        return before;
    }

    private String fingerprint() {
        return AppsDirectory.stamp(configuration.path())
                + new AppsDirectory(state.settings(), configuration.kinds()).fingerprint();
    }

    private Report read() {
        State before = state;
        Loaded loaded = configuration.load();
        Settings settings = switch (loaded) {
            case Loaded.Usable usable -> usable.settings();
            case Loaded.Unusable unusable -> before.settings();
        };
        State next = withDirectory(settings, before.dropped(), Optional.of(loaded.report()));
        warnWhenRestartIsNeeded(before.settings(), settings);
        state = next;
        known.keySet().retainAll(new HashSet<>(next.apps()));
        tell(before, next);
        if (!before.problem().equals(next.problem()) || !before.apps().equals(next.apps())) noteReading(next);
        return next.problem().orElse(loaded.report());
    }

    /// Adds the apps of the directory; a directory that is wrong now keeps the app it gave before.
    private State withDirectory(Settings settings, Map<AppId, App> before, Optional<Report> ofFile) {
        Report.Collector findings = new Report.Collector();
        Set<AppId> taken = new HashSet<>();
        settings.apps().forEach(app -> taken.add(app.id()));
        Map<AppId, App> dropped = new HashMap<>();
        for (var found : new AppsDirectory(settings, configuration.kinds()).scan(taken, findings))
            found.app()
                    .or(() -> Optional.ofNullable(before.get(found.id())))
                    .ifPresent(app -> dropped.put(found.id(), app));
        List<App> apps = new ArrayList<>(settings.apps());
        dropped.values().stream()
                .sorted((a, b) -> a.id().compareTo(b.id()))
                .limit(Math.max(0, SettingsReader.APPS_MOST - apps.size()))
                .forEach(apps::add);
        Report report = ofFile.orElse(Report.CLEAN).plus(findings.report());
        return new State(
                settings,
                Map.copyOf(dropped),
                List.copyOf(apps),
                ServiceAddresses.of(apps),
                report.hasErrors() ? Optional.of(report) : Optional.empty());
    }

    private void noteReading(State read) {
        String outcome = read.problem()
                .map(problem -> "not taken over: " + problem.lines().getFirst())
                .orElse(Audit.Entry.OK);
        audit.note(Audit.Entry.of(Audit.What.SETTINGS_READ, "", outcome).with("apps", ids(read.apps())));
    }

    private static void tell(State before, State next) {
        next.problem()
                .filter(problem -> !before.problem().equals(Optional.of(problem)))
                .ifPresent(problem -> problem.lines().forEach(line -> log.warn("settings not taken over: {}", line)));
        if (before.problem().isPresent() && next.problem().isEmpty()) log.info("settings are good again");
        if (!before.apps().equals(next.apps())) log.info("apps changed apps={}", ids(next.apps()));
    }

    private static void warnWhenRestartIsNeeded(Settings before, Settings after) {
        if (!before.withApps(List.of()).equals(after.withApps(List.of())))
            log.warn("settings other than apps changed; they take effect at the next start");
    }

    private static String ids(List<App> apps) {
        return String.join(",", apps.stream().map(app -> app.id().value()).toList());
    }

    private Optional<String> obstacle(App app) {
        Instant now = time.instant();
        Known entry = known.get(app);
        if (entry != null && now.isBefore(entry.at().plus(OBSTACLE_KEPT))) return entry.obstacle();
        Optional<String> obstacle = obstacles.apply(app);
        known.put(app, new Known(obstacle, now));
        return obstacle;
    }
}
