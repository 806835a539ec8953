package org.carrel.launch.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.carrel.domain.node.Resources;
import org.carrel.domain.session.Endpoint;
import org.carrel.domain.session.Handle;
import org.carrel.domain.session.SessionId;
import org.carrel.domain.user.UserId;
import org.carrel.launch.LaunchSpec;
import org.carrel.launch.Launcher;
import org.carrel.support.Await;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CgroupsTest {
    private static final Path MOUNT = Path.of("/sys/fs/cgroup");
    private static final Resources LIMITS = new Resources(1500, 256L << 20);
    private static final SessionId ID = new SessionId("cgroupcgroupcgro");

    @TempDir
    Path temporary;

    @Test
    void a_sessions_process_is_in_a_group_with_its_limits_which_goes_with_it() throws Exception {
        Cgroups cgroups = ofThisMachine();
        Directories directories = Directories.below(temporary.resolve("state"), temporary.resolve("run"));
        LaunchSpec spec = new LaunchSpec(
                ID,
                new UserId("ada"),
                List.of("/bin/sh", "-c", "exec sleep 60"),
                Map.of(),
                "",
                new Endpoint.Unix(directories.socketDirectory(ID) + "/s"),
                Map.of(),
                LIMITS);
        try (Launcher launcher = ProcessLauncher.of(directories, LocalHands.ofOneUid(directories, cgroups))) {
            Handle handle = launcher.launch(spec);
            Path memory = groupOf(Identity.of(handle).pid(), "memory");
            Path processes = groupOf(Identity.of(handle).pid(), "pids");
            boolean unified = Files.exists(MOUNT.resolve("cgroup.controllers"));
            try {
                assertThat(memory).endsWith(Path.of("carrel", ID.value()));
                assertThat(memory.resolve(unified ? "memory.max" : "memory.limit_in_bytes"))
                        .hasContent(Long.toString(LIMITS.memoryBytes()));
                assertThat(processes.resolve("pids.max")).hasContent(Integer.toString(Cgroups.MAX_PROCESSES));
            } finally {
                launcher.clean(ID, handle);
            }
            assertThat(memory).doesNotExist();
            assertThat(processes).doesNotExist();
        }
    }

    /// A process is known to have ended a moment before the kernel has taken it out of its group.
    @Test
    void a_group_with_a_process_that_is_about_to_end_goes_when_it_has_ended() throws Exception {
        Cgroups cgroups = ofThisMachine();
        Path joins = cgroups.make(ID, LIMITS).getFirst();
        Process dying = new ProcessBuilder(
                        "/bin/sh", "-c", "echo $$ > \"$1\"; echo in; read word", "sh", joins.toString())
                .start();
        try {
            assertThat(dying.inputReader().readLine()).isEqualTo("in");
            Thread remover = Thread.ofPlatform().start(() -> cgroups.remove(ID));
            Await.until("the group is found busy", () -> remover.getState() == Thread.State.TIMED_WAITING);
            assertThat(joins).exists();
            dying.getOutputStream().close();
            remover.join();
            assertThat(joins.getParent()).doesNotExist();
        } finally {
            dying.destroyForcibly().waitFor();
            cgroups.remove(ID);
        }
    }

    @Test
    void in_the_second_version_one_group_has_all_limits() throws Exception {
        Path own = Files.createDirectories(temporary.resolve("system.slice/carrel.service"));
        Files.createFile(temporary.resolve("cgroup.controllers"));
        Cgroups cgroups = Cgroups.find(temporary, List.of("0::/system.slice/carrel.service"));
        Path group = own.resolve("carrel").resolve(ID.value());
        assertThat(cgroups.make(ID, LIMITS)).containsExactly(group.resolve("cgroup.procs"));
        assertThat(own.resolve("carrel/cgroup.subtree_control")).hasContent("+memory +pids +cpu");
        assertThat(group.resolve("memory.max")).hasContent(Long.toString(LIMITS.memoryBytes()));
        assertThat(group.resolve("pids.max")).hasContent(Integer.toString(Cgroups.MAX_PROCESSES));
        assertThat(group.resolve("cpu.weight")).hasContent("150");
    }

    @Test
    void without_a_hierarchy_that_can_be_written_there_are_no_groups() {
        Cgroups cgroups = Cgroups.find(temporary.resolve("nothing"), List.of());
        assertThat(cgroups.make(ID, LIMITS)).isEmpty();
        assertThat(cgroups.limitsMemory()).isFalse();
    }

    private static Cgroups ofThisMachine() throws IOException {
        Cgroups cgroups = Cgroups.find(MOUNT, Files.readAllLines(Path.of("/proc/self/cgroup")));
        assumeThat(cgroups.limitsMemory())
                .as("a memory cgroup that can be written, on this machine")
                .isTrue();
        return cgroups;
    }

    /// As the kernel says it, below where the hierarchy is mounted.
    private static Path groupOf(long pid, String controller) throws Exception {
        for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/cgroup"))) {
            String[] parts = line.split(":", 3);
            if (List.of(parts[1].split(",")).contains(controller)) return MOUNT.resolve(controller + parts[2]);
            if (parts[1].isEmpty() && Files.exists(MOUNT.resolve("cgroup.controllers")))
                return MOUNT.resolve(parts[2].substring(1));
        }
        throw new AssertionError("no group of " + controller);
    }
}
