package org.carrel.launch.process;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.carrel.domain.node.Resources;
import org.carrel.domain.session.SessionId;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Control groups, where a hierarchy can be written; never required. Groups lie *below* the group this program is
/// in, so that a limit on Carrel as a whole (a container's) holds for its sessions too.
/// Sources: cgroups(7), kernel documentation "cgroup-v1/memory", "cgroup-v2".
final class Cgroups {
    /// more processes than any sane session has, fewer than a fork bomb needs
    static final int MAX_PROCESSES = 2048;

    /// for how long a group is asked to go that still has a dying process in it
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private static final Duration BETWEEN_TRIES = Duration.ofMillis(5);

    private static final Logger log = LoggerFactory.getLogger(Cgroups.class);

    private final boolean unified;
    private final List<Hierarchy> hierarchies;

    private Cgroups(boolean unified, List<Hierarchy> hierarchies) {
        this.unified = unified;
        this.hierarchies = List.copyOf(hierarchies);
    }

    /// @param root normally `/sys/fs/cgroup`
    /// @param own  lines of `/proc/self/cgroup`
    static Cgroups find(Path root, List<String> own) {
        List<Hierarchy> found = new ArrayList<>();
        boolean unified = Files.exists(root.resolve("cgroup.controllers"));
        if (unified) {
            Path base = below(root, own, "");
            try {
                Path carrel = base.resolve("carrel");
                Files.createDirectories(carrel);
                for (Path parent : List.of(base, carrel))
                    Files.writeString(parent.resolve("cgroup.subtree_control"), "+memory +pids +cpu");
                found.add(new Hierarchy("", carrel));
            } catch (IOException | UnsupportedOperationException e) {
                log.info("no cgroups for sessions hierarchy=v2 because={}", e.toString());
            }
        } else {
            for (String controller : List.of("memory", "pids", "cpu")) {
                Path base = below(root.resolve(controller), own, controller).resolve("carrel");
                try {
                    if (!Files.isDirectory(root.resolve(controller))) continue;
                    Files.createDirectories(base);
                    if (Files.isWritable(base)) found.add(new Hierarchy(controller, base));
                } catch (IOException e) {
                    log.info("no cgroups for sessions controller={} because={}", controller, e.toString());
                }
            }
        }
        return new Cgroups(unified, found);
    }

    static Cgroups none() {
        return new Cgroups(false, List.of());
    }

    private static Path below(Path mount, List<String> own, String controller) {
        for (String line : own) {
            String[] parts = line.split(":", 3);
            if (parts.length == 3 && List.of(parts[1].split(",")).contains(controller)) {
                Path inside = mount.resolve(parts[2].substring(1)).normalize();
                if (inside.startsWith(mount) && Files.isDirectory(inside)) return inside;
            }
        }
        return mount;
    }

    /// @return the files a process must write its pid into to join; empty when there are no groups
    List<Path> make(SessionId id, Resources limits) {
        List<Path> joins = new ArrayList<>();
        for (Hierarchy hierarchy : hierarchies) {
            Path group = hierarchy.base().resolve(id.value());
            try {
                Files.createDirectories(group);
                limit(hierarchy.controller(), group, limits);
                joins.add(group.resolve("cgroup.procs"));
            } catch (IOException e) {
                log.warn("session without cgroup session={} group={} because={}", id, group, e.toString());
            }
        }
        return joins;
    }

    private void limit(String controller, Path group, Resources limits) throws IOException {
        boolean memory = limits.memoryBytes() > 0;
        boolean cpu = limits.cpuMillis() > 0;
        if (unified) {
            if (memory) Files.writeString(group.resolve("memory.max"), Long.toString(limits.memoryBytes()));
            Files.writeString(group.resolve("pids.max"), Integer.toString(MAX_PROCESSES));
            if (cpu) Files.writeString(group.resolve("cpu.weight"), Long.toString(share(limits, 100, 1, 10_000)));
            return;
        }
        switch (controller) {
            case "memory" -> {
                if (memory)
                    Files.writeString(group.resolve("memory.limit_in_bytes"), Long.toString(limits.memoryBytes()));
            }
            case "pids" -> Files.writeString(group.resolve("pids.max"), Integer.toString(MAX_PROCESSES));
            // a share, no quota: an idle machine's cores are there to be used
            default -> {
                if (cpu) Files.writeString(group.resolve("cpu.shares"), Long.toString(share(limits, 1024, 2, 262_144)));
            }
        }
    }

    private static long share(Resources limits, long ofOneCore, long least, long most) {
        return Math.clamp(limits.cpuMillis() * ofOneCore / 1000, least, most);
    }

    /// Nothing happens to a group that is not there; one that stays is logged, and may be asked to go again.
    void remove(SessionId id) {
        for (Hierarchy hierarchy : hierarchies)
            try {
                removeOnceEmpty(hierarchy.base().resolve(id.value()));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                log.warn("cgroup stays session={} because=interrupted", id);
                return;
            } catch (IOException e) {
                log.warn("cgroup stays session={} because={}", id, e.toString());
            }
    }

    /// That a process has ended is seen by others before it is out of its group: Linux 6.18 takes it out after its
    /// last turn on a core. Until then the group is busy.
    private static void removeOnceEmpty(Path group) throws IOException, InterruptedException {
        long began = System.nanoTime();
        while (true)
            try {
                Files.deleteIfExists(group);
                return;
            } catch (FileSystemException e) {
                if (System.nanoTime() - began > PATIENCE.toNanos()) throw e;
                Thread.sleep(BETWEEN_TRIES);
            }
    }

    boolean limitsMemory() {
        return hierarchies.stream().anyMatch(h -> unified || h.controller().equals("memory"));
    }

    private record Hierarchy(String controller, Path base) {}
}
