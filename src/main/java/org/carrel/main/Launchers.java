package org.carrel.main;

import java.io.IOException;
import org.carrel.config.Settings;
import org.carrel.launch.Launcher;
import org.carrel.launch.process.Directories;
import org.carrel.launch.process.ProcessLauncher;

/// Which launcher starts this node's sessions.
final class Launchers {
    private Launchers() {}

    static Launcher open(Settings settings) throws IOException {
        return ProcessLauncher.ofOneUid(Directories.below(settings.stateDirectory(), settings.runDirectory()));
    }
}
