package org.carrel.main;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.carrel.auth.file.UserLines.Fault;
import org.carrel.auth.file.Users;
import org.carrel.config.LiveCatalogue;
import org.carrel.config.Report;
import org.carrel.port.Troubles;

/// All that an administrator should look at on this node: settings that weren't taken over, lines of the users file
/// that don't count, workloads without a record.
record NodeTroubles(LiveCatalogue catalogue, Users users, Troubles orphans) implements Troubles {
    @Override
    public List<Trouble> present() {
        List<Trouble> all = new ArrayList<>();
        all.addAll(settings(catalogue.lastProblem()));
        all.addAll(users(users.file(), users.faults()));
        all.addAll(orphans.present());
        return all;
    }

    static List<Trouble> settings(Optional<Report> problem) {
        return problem.map(Report::lines).orElse(List.of()).stream()
                .limit(MOST)
                .map(line -> new Trouble(
                        "settings", line, "mend it; until then the apps of before stay. carrel check shows the line"))
                .toList();
    }

    static List<Trouble> users(Path file, List<Fault> faults) {
        return faults.stream()
                .limit(MOST)
                .map(fault -> fault.line() == 0
                        ? new Trouble("users", file + ": " + fault.what(), "mend the file; it is read again at once")
                        : new Trouble(
                                "users",
                                file + ":" + fault.line() + ": " + fault.what(),
                                "mend the line, which doesn't count as it is; the file is read again at once"))
                .toList();
    }
}
