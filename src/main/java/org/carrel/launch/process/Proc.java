package org.carrel.launch.process;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/// Reads `/proc`. Processes come and go while one reads, so everything that can't be read is empty, never an error.
final class Proc {
    /// what `sysconf(_SC_CLK_TCK)` gives on every Linux
    static final long NANOS_PER_TICK = 10_000_000;

    private static final Path ROOT = Path.of("/proc");

    private Proc() {}

    /// Changes with every start of the machine.
    static String bootId() throws IOException {
        return Files.readString(ROOT.resolve("sys/kernel/random/boot_id")).strip();
    }

    static List<Long> pids() throws IOException {
        List<Long> pids = new ArrayList<>(256);
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(ROOT, "[0-9]*")) {
            for (Path entry : entries)
                pids.add(Long.parseLong(entry.getFileName().toString()));
        }
        return pids;
    }

    static Optional<ProcStat> stat(long pid) {
        return read(pid, "stat").flatMap(line -> ProcStat.parse(pid, line));
    }

    /// The real uid. (The owner of `/proc/<pid>` says root for programs that can't be dumped.)
    static OptionalInt uid(long pid) {
        Optional<String> status = read(pid, "status");
        if (status.isEmpty()) return OptionalInt.empty();
        for (String line : status.get().split("\n"))
            if (line.startsWith("Uid:")) return OptionalInt.of(Integer.parseInt(line.split("\\s+")[1]));
        return OptionalInt.empty();
    }

    /// A variable of the environment the process was started with.
    static Optional<String> variable(long pid, String name) {
        String wanted = name + "=";
        return read(pid, "environ").flatMap(all -> {
            for (String entry : all.split("\0"))
                if (entry.startsWith(wanted)) return Optional.of(entry.substring(wanted.length()));
            return Optional.empty();
        });
    }

    /// Proportional set size; where that may not be read, resident size.
    static long memoryBytes(long pid) {
        return kilobytes(pid, "smaps_rollup", "Pss:")
                        .orElse(kilobytes(pid, "status", "VmRSS:").orElse(0))
                * 1024;
    }

    /// Its command line, cut at `most` bytes; empty for what has none.
    static List<String> words(long pid, int most) {
        Optional<byte[]> all = bytes(pid, "cmdline", most);
        if (all.isEmpty()) return List.of();
        return Arrays.stream(new String(all.get(), StandardCharsets.UTF_8).split("\0"))
                .filter(word -> !word.isEmpty())
                .toList();
    }

    /// What the link `cwd` or `exe` leads to; empty where it may not be read.
    static Optional<String> link(long pid, String name) {
        try {
            String target = Files.readSymbolicLink(
                            ROOT.resolve(Long.toString(pid)).resolve(name))
                    .toString();
            String gone = " (deleted)";
            return Optional.of(target.endsWith(gone) ? target.substring(0, target.length() - gone.length()) : target);
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /// Pages of `/proc/<pid>/statm`: size, resident, shared, text, lib, data, dirty.
    static Optional<long[]> pages(long pid) {
        return read(pid, "statm").flatMap(line -> {
            String[] fields = line.strip().split(" ");
            if (fields.length < 6) return Optional.empty();
            return Optional.of(Arrays.stream(fields).mapToLong(Long::parseLong).toArray());
        });
    }

    private static Optional<byte[]> bytes(long pid, String file, int most) {
        try (InputStream in =
                Files.newInputStream(ROOT.resolve(Long.toString(pid)).resolve(file))) {
            return Optional.of(in.readNBytes(most));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static OptionalLong kilobytes(long pid, String file, String key) {
        Optional<String> text = read(pid, file);
        if (text.isEmpty()) return OptionalLong.empty();
        for (String line : text.get().split("\n"))
            if (line.startsWith(key)) return OptionalLong.of(Long.parseLong(line.split("\\s+")[1]));
        return OptionalLong.empty();
    }

    private static Optional<String> read(long pid, String file) {
        try {
            return Optional.of(new String(
                    Files.readAllBytes(ROOT.resolve(Long.toString(pid)).resolve(file)), StandardCharsets.ISO_8859_1));
        } catch (IOException e) {
            return Optional.empty();
        }
    }
}
