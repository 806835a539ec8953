package org.carrel.launch.process;

import org.carrel.launch.Launcher;
import org.carrel.support.Needs;

@Needs(Needs.Thing.ROOT)
class RootLauncherTest extends LauncherContract {
    @Override
    Launcher open(Directories directories) throws Exception {
        java.nio.file.Files.createDirectories(directories.boxes().getParent());
        return ProcessLauncher.of(
                directories,
                LocalHands.ofRoot(
                        directories,
                        Box.Owner.self(),
                        new Uids(directories.boxes().getParent().resolve("uids")),
                        Cgroups.none()));
    }
}
