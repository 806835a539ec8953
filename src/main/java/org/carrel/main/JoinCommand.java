package org.carrel.main;

import java.io.BufferedReader;
import java.io.Console;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.carrel.config.Configuration;
import org.carrel.config.Configuration.Loaded;
import org.carrel.config.Settings;
import org.carrel.door.JoinCall;
import org.carrel.trust.ClusterName;
import org.carrel.trust.JoinToken;
import org.carrel.trust.Newcomer;
import org.carrel.trust.Role;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "join",
        description = {
            "Make this machine a node of a cluster, by a token of `carrel invite`.",
            "The cluster's private key is not copied: this node makes nobody else one."
        },
        footer = {"", "Example:", "  sudo carrel join", "  sudo carrel up"})
final class JoinCommand implements Callable<Integer> {
    private static final int ROOT = 0;

    @Parameters(
            index = "0",
            arity = "0..1",
            paramLabel = "TOKEN",
            description =
                    "What carrel invite printed; without it, it is asked for, and stays out of the list of processes.")
    private @Nullable String token;

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "Settings; default: the usual place, see `carrel check`.")
    private @Nullable Path config;

    @Override
    public Integer call() throws IOException {
        if (!Privileges.isRoot())
            throw new IOException("a node of a cluster is run by root, so that its sessions can't read its keys: "
                    + "sudo carrel join");
        Catalog plugIns = Catalog.ofThisMachine();
        Configuration configuration = Configuration.here(Optional.ofNullable(config), Map.of(), plugIns.kindNames());
        return switch (configuration.loadToJoin()) {
            case Loaded.Unusable(var report) -> {
                System.err.print(report.pretty());
                yield 1;
            }
            case Loaded.Usable(var settings, var report) -> join(settings);
        };
    }

    private int join(Settings settings) throws IOException {
        Path key = settings.cluster().key();
        if (Files.exists(key, LinkOption.NOFOLLOW_LINKS))
            throw new IOException("this machine has the key of a cluster already, " + key
                    + "; to join another, stop Carrel and move it away");
        JoinToken invited = invited();
        Path node = Launchers.nodeDirectory(settings);
        own(node);
        Newcomer newcomer = new Newcomer(invited, node, InstantSource.system());
        ClusterName cluster = JoinCall.join(newcomer, key);
        System.out.println(
                "This machine is node " + newcomer.node() + " of cluster " + cluster + "; its key is in " + key + ".");
        String only = newcomer.roles().equals(Role.ALL)
                ? ""
                : " --roles "
                        + newcomer.roles().stream().map(Role::word).sorted().collect(Collectors.joining(","));
        System.out.println(
                "Next: carrel up" + only + ". The other nodes are found by the doors in the token and by mDNS.");
        return 0;
    }

    private JoinToken invited() throws IOException {
        try {
            return JoinToken.of(token != null ? token : asked());
        } catch (IllegalArgumentException wrong) {
            throw new IOException(String.valueOf(wrong.getMessage()));
        }
    }

    private static String asked() throws IOException {
        Console console = System.console();
        if (console != null && console.isTerminal()) {
            char[] typed = console.readPassword("Token: ");
            return typed == null ? "" : new String(typed);
        }
        String line = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII)).readLine();
        return line == null ? "" : line;
    }

    /// What lies there belongs to the user a Carrel of before ran as; at the next start it is given to him again.
    private static void own(Path directory) throws IOException {
        if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) return;
        try (Stream<Path> all = Files.walk(directory)) {
            for (Path path : (Iterable<Path>) all::iterator)
                Files.setAttribute(path, "unix:uid", ROOT, LinkOption.NOFOLLOW_LINKS);
        }
    }
}
