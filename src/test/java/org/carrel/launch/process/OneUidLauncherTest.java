package org.carrel.launch.process;

import org.carrel.launch.Launcher;

class OneUidLauncherTest extends LauncherContract {
    @Override
    Launcher open(Directories directories) throws Exception {
        return ProcessLauncher.of(directories, LocalHands.ofOneUid(directories, Cgroups.none()));
    }
}
