package org.carrel.config;

import static org.carrel.domain.Require.require;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/// What defaults and shares in the settings refer to.
/// @param hostName    as the machine calls itself; made fit for the name of a node
/// @param memoryBytes all of it, or what a surrounding limit leaves
/// @param cores       at least 1
public record Machine(String hostName, long memoryBytes, int cores) {
    public Machine {
        require(memoryBytes > 0 && cores > 0, "a machine has memory and cores");
        hostName = fit(hostName);
    }

    /// This machine; a limit of a control group counts when it is lower.
    public static Machine here() {
        long memory = installedBytes();
        for (String limit : new String[] {"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"}) {
            String text = firstLine(Path.of(limit));
            if (text.matches("\\d{1,18}")) memory = Math.min(memory, Math.max(1, Long.parseLong(text)));
        }
        return new Machine(
                firstLine(Path.of("/proc/sys/kernel/hostname")),
                memory,
                Runtime.getRuntime().availableProcessors());
    }

    private static long installedBytes() {
        String[] words = firstLine(Path.of("/proc/meminfo")).split("\\s+"); // MemTotal:  24680404 kB
        return words.length > 1 && words[1].matches("\\d{1,15}")
                ? Long.parseLong(words[1]) << 10
                : Runtime.getRuntime().maxMemory();
    }

    private static String firstLine(Path file) {
        try (var lines = Files.lines(file)) {
            return lines.findFirst().orElse("");
        } catch (IOException | java.io.UncheckedIOException unreadable) {
            return "";
        }
    }

    private static String fit(String name) {
        String label =
                name.strip().toLowerCase(Locale.ROOT).replaceFirst("\\..*", "").replaceAll("[^a-z0-9-]", "-");
        label = label.replaceFirst("^-+", "");
        label = label.substring(0, Math.min(63, label.length())).replaceFirst("-+$", "");
        return label.isEmpty() ? "node" : label;
    }
}
