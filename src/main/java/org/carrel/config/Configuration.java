package org.carrel.config;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Where the settings come from. Reading it any number of times is harmless.
/// @param file        named by the user: then it must exist; empty: the usual place, when there is one
/// @param environment all variables; those that begin with `CARREL_` count
/// @param flags       dotted path of a setting to its value
/// @param kinds       app kinds this program knows
/// @param fixed       made by the program itself (the demo): then nothing is read
public record Configuration(
        Optional<Path> file,
        Map<String, String> environment,
        Map<String, String> flags,
        Set<String> kinds,
        Places places,
        Machine machine,
        Optional<Settings> fixed) {
    public Configuration {
        environment = Map.copyOf(environment);
        flags = Map.copyOf(flags);
        kinds = Set.copyOf(kinds);
    }

    /// What `carrel up` reads: `--config`, else `$CARREL_CONFIG`, else the usual place.
    public static Configuration here(Optional<Path> file, Map<String, String> flags, Set<String> kinds) {
        Map<String, String> environment = System.getenv();
        Optional<Path> named = file.or(() -> Optional.ofNullable(environment.get("CARREL_CONFIG"))
                .filter(text -> !text.isBlank())
                .map(Path::of));
        return new Configuration(named, environment, flags, kinds, Places.here(), Machine.here(), Optional.empty());
    }

    /// Settings that no file holds; apps still come and go in their apps directory.
    static Configuration fixed(Settings settings, Path nominal, Set<String> kinds, Machine machine) {
        Places places = new Places(nominal, settings.stateDirectory(), settings.runDirectory());
        return new Configuration(
                Optional.of(nominal), Map.of(), Map.of(), kinds, places, machine, Optional.of(settings));
    }

    public sealed interface Loaded {
        Report report();

        /// @param report warnings only
        record Usable(Settings settings, Report report) implements Loaded {}

        record Unusable(Report report) implements Loaded {}
    }

    /// The file that is read, whether it exists or not.
    public Path path() {
        return file.orElseGet(places::settingsFile).toAbsolutePath().normalize();
    }

    public Loaded load() {
        return load(false);
    }

    /// For whoever is about to make the directory of the cluster key: else a named one must be there.
    public Loaded loadToJoin() {
        return load(true);
    }

    private Loaded load(boolean keyComes) {
        if (fixed.isPresent()) return new Loaded.Usable(fixed.get(), Report.CLEAN);
        Report.Collector findings = new Report.Collector();
        boolean needed = file.isPresent();
        Tree.Fields tree = Tree.Fields.empty(Where.of(name()));
        if (needed || Files.exists(path()))
            tree = YamlTree.file(path(), name(), findings).orElse(tree);
        Overrides overrides = new Overrides(findings);
        tree = overrides.flags(overrides.environment(tree, environment), flags);
        Path base = Optional.ofNullable(path().getParent()).orElse(path());
        Settings settings = new SettingsReader(places, machine, kinds, keyComes, findings).read(tree, base);
        Report report = findings.report();
        return report.hasErrors() ? new Loaded.Unusable(report) : new Loaded.Usable(settings, report);
    }

    /// as the user named it
    String name() {
        return file.orElseGet(places::settingsFile).toString();
    }
}
