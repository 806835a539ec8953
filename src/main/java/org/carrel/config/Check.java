package org.carrel.config;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.carrel.config.Configuration.Loaded;
import org.carrel.config.Report.Severity;
import org.carrel.domain.app.App;
import org.carrel.domain.app.AppId;
import org.carrel.trust.ServerKey;

/// `carrel check [FILE]`: says everything about the settings without starting anything.
public final class Check {
    private static final Duration SOON = Duration.ofDays(14);

    private Check() {}

    /// @param exit 0: can be started; 1: has errors
    /// @param text for people, ends with a newline
    public record Outcome(int exit, Report report, String text) {}

    /// What doesn't count in the users file.
    /// @param line from 1; 0: the file as a whole can't be read
    public record UsersFault(int line, String what) {}

    /// @param obstacles why an app can't be started here; a warning each
    /// @param users     what is wrong with a users file that is there
    public static Outcome run(
            Configuration configuration,
            Function<App, Optional<String>> obstacles,
            Function<Path, List<UsersFault>> users) {
        Loaded loaded = configuration.load();
        Report report = loaded.report();
        String summary = "";
        if (loaded instanceof Loaded.Usable usable) {
            Report.Collector more = new Report.Collector();
            List<App> apps = apps(usable.settings(), configuration, more);
            users(usable.settings().usersFile(), users, more);
            usable.settings().tls().ifPresent(tls -> certificate(tls, more));
            for (App app : apps)
                obstacles
                        .apply(app)
                        .ifPresent(why -> more.warning(
                                Where.of(configuration.name()), "apps." + app.id() + " can't be started here: " + why));
            report = report.plus(more.report());
            summary = summary(usable.settings(), apps);
        }
        StringBuilder text = new StringBuilder(report.pretty());
        text.append(configuration.name()).append(": ");
        text.append(amount(report.count(Severity.ERROR), "error")).append(", ");
        text.append(amount(report.count(Severity.WARNING), "warning")).append('\n');
        if (!report.hasErrors()) text.append(summary);
        return new Outcome(report.hasErrors() ? 1 : 0, report, text.toString());
    }

    /// Without an excerpt: a line of that file holds a hash.
    private static void users(Path file, Function<Path, List<UsersFault>> faults, Report.Collector findings) {
        if (!Files.exists(file)) {
            findings.warning(Where.of(file.toString()), "no users file yet, so nobody can sign in");
            return;
        }
        for (UsersFault fault : faults.apply(file)) {
            if (fault.line() == 0) findings.error(Where.of(file.toString()), fault.what());
            else
                findings.warning(
                        new Where(file.toString(), fault.line(), 1), fault.what() + "; the line doesn't count");
        }
    }

    private static void certificate(Settings.Tls tls, Report.Collector findings) {
        try {
            Instant ends = ServerKey.read(tls.certificate(), tls.key()).ends();
            if (Instant.now().plus(SOON).isAfter(ends))
                findings.warning(
                        Where.of(tls.certificate().toString()),
                        "ends at " + ends + "; renew it, and it is taken up without a restart");
        } catch (ServerKey.UnusableException unusable) {
            findings.error(Where.of(unusable.file().toString()), unusable.why());
        }
    }

    private static List<App> apps(Settings settings, Configuration configuration, Report.Collector findings) {
        List<App> apps = new ArrayList<>(settings.apps());
        Set<AppId> taken = new HashSet<>();
        apps.forEach(app -> taken.add(app.id()));
        new AppsDirectory(settings, configuration.kinds())
                .scan(taken, findings)
                .forEach(found -> found.app().ifPresent(apps::add));
        return apps;
    }

    private static String summary(Settings settings, List<App> apps) {
        String origins = settings.contentDomain()
                .map(domain -> "each session on its own origin below *." + domain)
                .orElse("path mode: all sessions share the portal's origin, for trusted apps only");
        return "  listens at "
                + String.join(
                        ", ", settings.listen().stream().map(Object::toString).toList()) + "\n  "
                + origins + "\n  node " + settings.node().name() + " gives "
                + Quantities.words(settings.node().capacity().total().memoryBytes() >> 20 << 20) + " of memory and "
                + settings.node().capacity().total().cpuMillis() / 1000.0 + " cores to at most "
                + settings.node().capacity().sessions() + " sessions\n  apps: "
                + (apps.isEmpty()
                        ? "none"
                        : String.join(
                                ", ",
                                apps.stream()
                                        .map(app -> app.id() + " (" + app.kind() + ")")
                                        .toList()))
                + settings.faces()
                        .maat()
                        .map(maat -> "\n  answers balancers of Maât at " + maat.listen() + ", counting processes named "
                                + maat.process())
                        .orElse("")
                + "\n  who did what is written to " + settings.stateDirectory().resolve("audit/audit.jsonl") + "\n";
    }

    private static String amount(long count, String word) {
        return count + " " + word + (count == 1 ? "" : "s");
    }
}
