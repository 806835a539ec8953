package org.carrel.launch.process;

import static org.carrel.domain.Require.require;

import java.util.Optional;
import org.carrel.launch.Launcher.Activity;
import org.carrel.launch.Launcher.Usage;

/// One `rsession`: the R of an account in the machine's RStudio Server, whoever began it. All of it must agree before
/// anything is done to it; a pid or a name alone says nothing.
/// @param start ticks since the machine's start
/// @param boot  the machine's boot id
/// @param uid   whose it is
record RSession(long pid, long start, String boot, int uid) {
    RSession {
        require(pid > 1, "never an rsession: process " + pid);
        require(start >= 0 && uid >= 0, "start and uid can't be negative");
        require(boot.length() <= 64, "too long for a boot id");
    }

    /// What it uses, with all it has begun, and what its files say.
    record Use(Usage usage, Optional<Activity> activity) {}
}
