package org.carrel.trust;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/// By what a machine is told from another, hashed, since a machine-id is not to be passed around. Source:
/// machine-id(5).
/// @param installed by its installed system (`/etc/machine-id`); a copied card brings it along
/// @param hardware  by its parts: serial number of the board, addresses of real network cards; no card brings them
/// along
record Machine(Optional<String> installed, Set<String> hardware) {
    /// beyond that it is no machine but a switch
    private static final int CARDS_MOST = 64;

    Machine {
        hardware = Set.copyOf(hardware);
    }

    static Machine here() {
        return read(Path.of("/"));
    }

    /// @param root where `/etc`, `/sys` and `/proc` lie
    static Machine read(Path root) {
        Set<String> hardware = new TreeSet<>();
        text(root.resolve("proc/device-tree/serial-number")).ifPresent(it -> hardware.add(hash("serial", it)));
        try (DirectoryStream<Path> cards = Files.newDirectoryStream(root.resolve("sys/class/net"))) {
            for (Path card : cards) {
                // bridges, tunnels and the cards of namespaces have no device behind them, and new addresses each time
                if (!Files.exists(card.resolve("device")) || hardware.size() >= CARDS_MOST) continue;
                text(card.resolve("address"))
                        .filter(address -> !address.equals("00:00:00:00:00:00"))
                        .ifPresent(it -> hardware.add(hash("card", it)));
            }
        } catch (IOException none) {
            // a machine without network cards that show
        }
        return new Machine(text(root.resolve("etc/machine-id")).map(it -> hash("machine-id", it)), hardware);
    }

    /// Whether what was seen once and what is seen now may be one machine. A new network card, or a system installed
    /// anew on the same board, doesn't make another; where there is nothing to compare, it is the same.
    boolean mayBe(Machine before) {
        if (!hardware.isEmpty() && !before.hardware.isEmpty())
            return hardware.stream().anyMatch(before.hardware::contains);
        return installed.isEmpty() || before.installed.isEmpty() || installed.equals(before.installed);
    }

    /// Once seen, a part stays known: a card that is pulled out may come back.
    Machine with(Machine before) {
        Set<String> all = new TreeSet<>(hardware);
        before.hardware.stream().limit(Math.max(0, CARDS_MOST - all.size())).forEach(all::add);
        return new Machine(installed.or(before::installed), all);
    }

    private static Optional<String> text(Path file) {
        try {
            String text = new String(Files.readAllBytes(file), StandardCharsets.UTF_8)
                    .replace("\0", "")
                    .strip();
            return text.isEmpty() ? Optional.empty() : Optional.of(text);
        } catch (IOException unknown) {
            return Optional.empty();
        }
    }

    private static String hash(String kind, String value) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256")
                    .digest(("carrel " + kind + " " + value).getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest, 0, 8);
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible); // every Java has SHA-256
        }
    }
}
