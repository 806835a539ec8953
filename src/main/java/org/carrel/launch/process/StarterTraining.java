package org.carrel.launch.process;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.carrel.domain.node.Resources;
import org.carrel.domain.session.Endpoint;
import org.carrel.domain.session.Handle;
import org.carrel.domain.session.SessionId;
import org.carrel.domain.user.UserId;
import org.carrel.launch.LaunchException;
import org.carrel.launch.LaunchSpec;

/// A training run of the privileged starter, which makes the cache it starts with from then on. Source: JEP 514.
public final class StarterTraining {
    /// for the JVM to write the cache, on a small board
    private static final Duration WRITING = Duration.ofSeconds(90);

    private StarterTraining() {}

    /// As root only. What it starts ends with it.
    /// @param directory an empty one in which only root writes
    /// @param cache     to be made
    public static void run(Path directory, Path cache) throws IOException, LaunchException, InterruptedException {
        Directories directories = Directories.below(directory.resolve("s"), directory.resolve("r"));
        StarterProcess starter = StarterProcess.begin(List.of("-XX:AOTCacheOutput=" + cache));
        starter.tell(directories, directory.resolve("uids"), 0, 0);
        try (ProcessLauncher launcher = starter.launcher(directories)) {
            launcher.scan();
            SessionId id = new SessionId("aaaaaaaaaaaaaaaa");
            Handle handle = launcher.launch(new LaunchSpec(
                    id,
                    new UserId("training"),
                    List.of("/bin/true"),
                    Map.of(),
                    "",
                    new Endpoint.Unix(directories.socketDirectory(id) + "/s"),
                    Map.of(),
                    Resources.NONE));
            launcher.usage(handle);
            launcher.clean(id, handle);
        } finally {
            starter.close(WRITING);
        }
    }
}
