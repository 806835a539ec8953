package org.carrel.launch.process;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.carrel.launch.LaunchException;
import org.carrel.launch.process.Box.Owner;

/// One start: a chain of programs that become one another, `sh -> setsid -> [unshare] -> [nice] -> [setpriv] -> env ->
/// sh`, so that the pid stays the same all along. The last one is the shim.
///
/// Standard error is a pipe to us until the shim says that it is there; so whatever fails before that is told in its
/// own
/// words, and a start that came through needs no guessing by time.
record Spawn(Job job, Box box, Path home, Owner owner, boolean apart, List<Path> groups) {
    static final String PATH = "/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin";

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int MOST_COMPLAINT = 4096;
    /// a start must not slow the sessions that run; taken back once it answers
    private static final String NICENESS = "10";

    /// Who is started in the background by a shell is deaf to INT and QUIT, and so would be all that it starts.
    private static final String HEARD = "HUP,INT,QUIT,TERM";

    /// Brings up loopback, the only thing in a new network. `perl` where there is no `ip`: Debian always has it.
    private static final String LOOPBACK_UP = """
            ip link set lo up 2>/dev/null || perl -MSocket -e 'socket(S,AF_INET,SOCK_DGRAM,0) or die $!;
              my $up=pack("a16 s x14","lo",0x41); ioctl(S,0x8914,$up) or die $!' || exit 96
            exec "$@"
            """;

    static List<String> dropTo(int uid) {
        return dropTo(uid, uid);
    }

    static List<String> dropTo(int uid, int gid) {
        return List.of(
                "/usr/bin/setpriv",
                "--reuid=" + uid,
                "--regid=" + gid,
                "--clear-groups",
                "--no-new-privs",
                "--inh-caps=-all",
                "--bounding-set=-all");
    }

    Identity run(String boot) throws IOException, LaunchException, InterruptedException {
        if (job.ownNetwork() && !apart)
            throw new LaunchException("a network of its own needs root; let the app listen on {socket}");
        ProcessBuilder builder = new ProcessBuilder(command());
        builder.redirectInput(new File("/dev/null"));
        builder.redirectOutput(ProcessBuilder.Redirect.appendTo(box.log().toFile()));
        builder.directory(new File("/"));
        // nothing that was asked for comes into the environment before the rights are dropped
        Map<String, String> before = builder.environment();
        before.clear();
        before.put("PATH", PATH);
        before.put(Shim.MARKER, job.id().value());
        Process process = builder.start();
        long start = Proc.stat(process.pid()).map(ProcStat::start).orElse(0L);
        Identity identity = new Identity(job.id(), process.pid(), start, boot, owner.uid());
        String said;
        try {
            said = complaint(process);
        } catch (IOException | InterruptedException e) {
            // still our own child, not reaped before this program has seen it: the pid can't have been given away
            process.destroyForcibly();
            throw e;
        }
        if (said.endsWith(Shim.READY)) return identity;
        process.destroyForcibly();
        throw new LaunchException(sentence(said));
    }

    private List<String> command() {
        List<String> command = new ArrayList<>(List.of(
                "/bin/sh",
                "-c",
                Shim.BEFORE,
                "carrel-start",
                box.exit().toString(),
                groups.stream().map(Path::toString).collect(Collectors.joining(":")),
                "setsid"));
        if (job.ownNetwork()) command.addAll(List.of("unshare", "-n", "/bin/sh", "-c", LOOPBACK_UP, "carrel-network"));
        if (apart) {
            command.addAll(List.of("nice", "-n", NICENESS));
            command.addAll(dropTo(owner.uid()));
        }
        command.addAll(List.of("/usr/bin/env", "-i", "--default-signal=" + HEARD));
        environment().forEach((name, value) -> command.add(name + "=" + value));
        String directory = job.directory().isEmpty() ? box.tmp().toString() : job.directory();
        // apart, the group of what it makes is its own, or the gateway's for a socket
        command.addAll(List.of("/bin/sh", "-c", Shim.AROUND, "carrel-session", apart ? "007" : "077", directory));
        command.addAll(job.argv());
        return command;
    }

    private Map<String, String> environment() {
        Map<String, String> environment = new TreeMap<>();
        environment.put("PATH", PATH);
        environment.put("HOME", home.toString());
        environment.put("USER", job.user().value());
        environment.put("LOGNAME", job.user().value());
        environment.put("SHELL", "/bin/sh");
        environment.put("LANG", "C.UTF-8");
        Optional.ofNullable(System.getenv("TZ")).ifPresent(zone -> environment.put("TZ", zone));
        environment.putAll(job.environment());
        environment.put("TMPDIR", box.tmp().toString());
        environment.put(Shim.MARKER, job.id().value());
        return environment;
    }

    /// Reads until the shim lets go of the pipe. @return what was said, at most `MOST_COMPLAINT` bytes
    private static String complaint(Process process) throws IOException, InterruptedException {
        try (var reader = Executors.newVirtualThreadPerTaskExecutor();
                InputStream errors = process.getErrorStream()) {
            Future<String> said =
                    reader.submit(() -> new String(errors.readNBytes(MOST_COMPLAINT), StandardCharsets.UTF_8).strip());
            try {
                return said.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
            } catch (TimeoutException e) {
                process.destroyForcibly();
                throw new IOException("the machine took more than " + PATIENCE.toSeconds() + " s to start a process");
            } catch (ExecutionException e) {
                throw new IOException("can't read what the start says", e.getCause());
            }
        }
    }

    private String sentence(String said) {
        String last = said.lines().reduce((first, second) -> second).orElse("it ended without a word");
        if (last.contains("can't cd to") || last.contains("cd:"))
            return "the directory " + job.directory() + " can't be entered by the session's user: check that it exists"
                    + " and may be read";
        return "it could not be started: " + last.replaceAll("\\p{Cntrl}", "?");
    }
}
