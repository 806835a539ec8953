package org.carrel.agent;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Reads the machine from /proc, and the memory limit of our control group where it is lower. One reader thread.
final class NodeGauge {
    private static final Logger log = LoggerFactory.getLogger(NodeGauge.class);
    /// Version 1 says "no limit" with a number near 2^63.
    private static final long NO_LIMIT = 1L << 60;

    /// @param cpuPercent of the whole machine since the reading before, 0 to 100; 0 for the first
    record Reading(double cpuPercent, long memoryUsedBytes, long memoryTotalBytes, double load1) {
        static final Reading NONE = new Reading(0, 0, 0, 0);
    }

    private record Memory(long used, long total) {}

    private final Path proc;
    private final Path cgroup;
    private long lastBusy;
    private long lastTotal;
    private boolean complained;

    NodeGauge() {
        this(Path.of("/proc"), Path.of("/sys/fs/cgroup"));
    }

    NodeGauge(Path proc, Path cgroup) {
        this.proc = proc;
        this.cgroup = cgroup;
    }

    Reading read() {
        try {
            Memory memory = memory();
            return new Reading(cpuPercent(), memory.used(), memory.total(), load1());
        } catch (IOException | RuntimeException e) {
            if (!complained) log.warn("node facts unreadable cause={}", e.toString());
            complained = true;
            return Reading.NONE;
        }
    }

    /// `cpu user nice system idle iowait irq softirq steal guest guest_nice` in ticks; guest is counted in user
    /// already.
    private double cpuPercent() throws IOException {
        String[] words =
                text(proc.resolve("stat")).lines().findFirst().orElse("").split("\\s+");
        long total = 0;
        for (int i = 1; i < Math.min(words.length, 9); i++) total += Long.parseLong(words[i]);
        long idle = Long.parseLong(words[4]) + Long.parseLong(words[5]);
        long busy = total - idle;
        long spent = total - lastTotal;
        double percent = lastTotal == 0 || spent <= 0 ? 0 : 100.0 * (busy - lastBusy) / spent;
        lastBusy = busy;
        lastTotal = total;
        return Math.clamp(percent, 0, 100);
    }

    private double load1() throws IOException {
        return Double.parseDouble(text(proc.resolve("loadavg")).split(" ")[0]);
    }

    private Memory memory() throws IOException {
        Map<String, Long> kib = new HashMap<>();
        for (String line : text(proc.resolve("meminfo")).lines().toList()) {
            String[] words = line.split("[:\\s]+");
            if (words.length >= 2) kib.put(words[0], Long.parseLong(words[1]));
        }
        long total = kib.getOrDefault("MemTotal", 0L) << 10;
        long available = kib.getOrDefault("MemAvailable", kib.getOrDefault("MemFree", 0L)) << 10;
        Memory machine = new Memory(total - available, total);
        return limited(machine);
    }

    private Memory limited(Memory machine) throws IOException {
        Memory lowest = machine;
        for (Group group : groups()) {
            OptionalLong limit = number(group.directory().resolve(group.limitFile()));
            OptionalLong used = number(group.directory().resolve(group.usedFile()));
            if (limit.isEmpty() || used.isEmpty() || limit.getAsLong() >= Math.min(NO_LIMIT, lowest.total())) continue;
            long reclaimable = inactiveFile(group.directory().resolve("memory.stat"));
            lowest = new Memory(Math.max(0, used.getAsLong() - reclaimable), limit.getAsLong());
        }
        return lowest;
    }

    private record Group(Path directory, String limitFile, String usedFile) {}

    /// Our own group and its root, for both versions: inside a container the path names a place we can't see.
    private List<Group> groups() throws IOException {
        List<Group> groups = new ArrayList<>();
        Path file = proc.resolve("self/cgroup");
        String lines = Files.exists(file) ? text(file) : "";
        for (String line : lines.lines().toList()) {
            String[] parts = line.split(":", 3);
            if (parts.length < 3 || parts[2].contains("..")) continue;
            String path = parts[2].substring(1);
            if (parts[0].equals("0")) groups.add(second(cgroup.resolve(path)));
            else if (List.of(parts[1].split(",")).contains("memory"))
                groups.add(first(cgroup.resolve("memory").resolve(path)));
        }
        groups.add(second(cgroup));
        groups.add(first(cgroup.resolve("memory")));
        return groups;
    }

    private static Group first(Path directory) {
        return new Group(directory, "memory.limit_in_bytes", "memory.usage_in_bytes");
    }

    private static Group second(Path directory) {
        return new Group(directory, "memory.max", "memory.current");
    }

    private static long inactiveFile(Path stat) throws IOException {
        if (!Files.exists(stat)) return 0;
        return text(stat)
                .lines()
                .filter(line -> line.startsWith("inactive_file "))
                .mapToLong(line -> Long.parseLong(line.substring("inactive_file ".length())))
                .findFirst()
                .orElse(0);
    }

    private static OptionalLong number(Path file) throws IOException {
        if (!Files.isReadable(file)) return OptionalLong.empty();
        String text = text(file).trim();
        return text.matches("[0-9]{1,19}") ? OptionalLong.of(Long.parseLong(text)) : OptionalLong.empty();
    }

    private static String text(Path file) throws IOException {
        return Files.readString(file, StandardCharsets.US_ASCII);
    }
}
