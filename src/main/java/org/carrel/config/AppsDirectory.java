package org.carrel.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.carrel.config.AppReader.Given;
import org.carrel.domain.app.App;
import org.carrel.domain.app.AppId;
import org.carrel.domain.kind.KindId;

/// Directories dropped into the apps directory. One with `app.R`, or with `ui.R` and `server.R`, is a Shiny app; a
/// `carrel.yaml` inside gives title and the rest, or makes another kind of it. Directories are looked at one by one: a
/// bad
/// one spoils no other.
final class AppsDirectory {
    private static final String FRAGMENT = "carrel.yaml";
    private static final int LOOKED_AT_MOST = 1_000;

    private final Path directory;
    private final Set<String> kinds;
    private final HostClaims hosts;

    AppsDirectory(Settings settings, Set<String> kinds) {
        this.directory = settings.appsDirectory();
        this.kinds = kinds;
        this.hosts = HostClaims.of(settings);
    }

    /// @param app empty when the directory was meant as an app and is wrong
    record Found(AppId id, Optional<App> app) {}

    /// @param taken ids that are defined elsewhere and win
    List<Found> scan(Set<AppId> taken, Report.Collector findings) {
        List<Found> all = new ArrayList<>();
        for (Path child : children(findings)) {
            String name = child.getFileName().toString();
            if (!looksLikeAnApp(child)) {
                findings.warning(
                        Where.of(child.toString()), "holds neither app.R, nor ui.R with server.R, nor " + FRAGMENT);
                continue;
            }
            Optional<AppId> id = id(name, child, findings);
            if (id.isEmpty()) continue;
            if (taken.contains(id.get()))
                findings.warning(
                        Where.of(child.toString()), "is left aside: the settings file defines an app " + name + " too");
            else all.add(new Found(id.get(), app(id.get(), child, findings)));
        }
        return all;
    }

    /// Changes when anything changes that `scan` looks at: names, times and sizes.
    String fingerprint() {
        StringBuilder text = new StringBuilder();
        for (Path child : children(new Report.Collector())) {
            text.append(child.getFileName()).append('\n');
            for (String name : List.of("app.R", "ui.R", "server.R", FRAGMENT)) text.append(stamp(child.resolve(name)));
        }
        return text.toString();
    }

    /// Time, size and inode of a file; `-` when there is none.
    static String stamp(Path file) {
        try {
            BasicFileAttributes facts = Files.readAttributes(file, BasicFileAttributes.class);
            return facts.lastModifiedTime().toMillis() + " " + facts.size() + " " + facts.fileKey() + ";";
        } catch (IOException absent) {
            return "-;";
        }
    }

    private Optional<App> app(AppId id, Path child, Report.Collector findings) {
        Report.Collector own = new Report.Collector();
        Path fragment = child.resolve(FRAGMENT);
        Tree.Fields tree = Tree.Fields.empty(Where.of(child.toString()));
        if (Files.exists(fragment))
            tree = YamlTree.file(fragment, fragment.toString(), own).orElse(tree);
        if (tree.get("path").isPresent())
            own.error(new Form(tree, "", own).keyWhere("path"), "path can't be set here: it is this directory");
        Given given = new Given(
                isShiny(child) ? Optional.of(new KindId("shiny")) : Optional.empty(), Optional.of(child.toString()));
        Optional<App> app = own.hasErrors()
                ? Optional.empty()
                : new AppReader(kinds, hosts).read(id, new Form(tree, "", own), child, given);
        Report report = own.report();
        findings.addAll(report);
        return report.hasErrors() ? Optional.empty() : app;
    }

    private static Optional<AppId> id(String name, Path child, Report.Collector findings) {
        try {
            return Optional.of(new AppId(name));
        } catch (IllegalArgumentException wrong) {
            findings.error(
                    Where.of(child.toString()),
                    "its name becomes the app's, so it must be 1 to 40 of a-z 0-9 _ -, first a letter");
            return Optional.empty();
        }
    }

    private List<Path> children(Report.Collector findings) {
        if (!Files.isDirectory(directory)) return List.of();
        warnWhenAnybodyMayWrite(findings);
        try (Stream<Path> all = Files.list(directory)) {
            List<Path> children = all.filter(
                            child -> !child.getFileName().toString().startsWith("."))
                    .filter(Files::isDirectory)
                    .sorted()
                    .limit(LOOKED_AT_MOST + 1L)
                    .toList();
            if (children.size() <= LOOKED_AT_MOST) return children;
            findings.error(Where.of(directory.toString()), "holds more than " + LOOKED_AT_MOST + " directories");
            return children.subList(0, LOOKED_AT_MOST);
        } catch (IOException | java.io.UncheckedIOException unreadable) {
            findings.error(Where.of(directory.toString()), "can't be read: " + unreadable.getMessage());
            return List.of();
        }
    }

    private void warnWhenAnybodyMayWrite(Report.Collector findings) {
        try {
            if (Files.getPosixFilePermissions(directory).contains(PosixFilePermission.OTHERS_WRITE))
                findings.warning(
                        Where.of(directory.toString()),
                        "can be written to by everybody on this machine, and what lies there is run by whoever starts it");
        } catch (IOException | UnsupportedOperationException unknown) {
            // reading it will say more
        }
    }

    private static boolean looksLikeAnApp(Path child) {
        return isShiny(child) || Files.exists(child.resolve(FRAGMENT));
    }

    /// Shiny itself takes these names in any case.
    private static boolean isShiny(Path child) {
        try (Stream<Path> files = Files.list(child)) {
            List<String> names = files.map(file -> file.getFileName().toString().toLowerCase(Locale.ROOT))
                    .limit(10_000)
                    .toList();
            return names.contains("app.r") || names.contains("ui.r") && names.contains("server.r");
        } catch (IOException | java.io.UncheckedIOException unreadable) {
            return false;
        }
    }
}
