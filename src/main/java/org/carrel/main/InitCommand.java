package org.carrel.main;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.carrel.config.Places;
import org.carrel.trust.ClusterKey;
import org.carrel.trust.ClusterName;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "init",
        description = {
            "Make the key of a new cluster: a directory that is then copied to each of its machines.",
            "Whoever has it can be any node. What is there already is left as it is."
        },
        footer = {"", "Example:", "  sudo carrel init --name lab"})
final class InitCommand implements Callable<Integer> {
    @Option(
            names = "--key",
            paramLabel = "DIR",
            description = "Where to make it; default: key, beside carrel.yaml in its usual place.")
    private @Nullable Path key;

    @Option(
            names = "--name",
            paramLabel = "NAME",
            defaultValue = "carrel",
            description = "Name of the cluster; default: ${DEFAULT-VALUE}.")
    private String name = "carrel";

    @Override
    public Integer call() throws IOException {
        Path directory = Optional.ofNullable(key)
                .orElseGet(() -> Places.here().settings().resolve("key"))
                .toAbsolutePath();
        ClusterKey.make(directory, new ClusterName(name), Instant.now());
        System.out.println("Made the key of cluster " + name + " in " + directory + " (fingerprint "
                + ClusterKey.open(directory).fingerprint() + ").");
        System.out.println("Next: copy it to each machine of the cluster, with its modes, and start Carrel there:");
        System.out.println("  sudo rsync -a " + directory + "/ root@OTHER:" + directory + "/");
        System.out.println("Keep it secret: whoever has it can be any node and act for every user.");
        return 0;
    }
}
