package org.carrel.launch.process;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.carrel.launch.Launcher.Activity;
import org.carrel.launch.Launcher.Signal;
import org.carrel.launch.Launcher.Usage;
import org.carrel.launch.process.Accounts.Account;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Finds, measures and signals the `rsession`s of this machine. Genuine is a process whose program is the `rsession`
/// that lies beside the program of a running `rserver` of the system (or of one that ran before: it may be restarting),
/// with the uid of a person's account: a process that only calls itself so is none. Any thread.
///
/// What R is doing stands in files of its user's home (`RActiveSessionStorage.hpp`; the directory's name is misspelt
/// there). They are read by a shell with that user's rights, who can put anything there.
final class RSessions {
    private static final Logger log = LoggerFactory.getLogger(RSessions.class);

    static final int MOST = 2_000;
    private static final String SERVER = "rserver";
    private static final String SESSION = "rsession";
    private static final Path USUAL = Path.of("/usr/lib/rstudio-server/bin");
    private static final int INSTALLATIONS_MOST = 16;
    private static final int FAMILY_MOST = 1_000;
    private static final String LOOK_SECONDS = "5";
    private static final int READ_BYTES_MOST = 64 << 10;
    private static final String FILES = ".local/share/rstudio/sessions/active";
    private static final String LOOK = """
            cd "$1" 2>/dev/null || exit 0
            n=0
            for d in session-*/properites; do
              [ -d "$d" ] || continue
              n=$((n+1)); [ $n -le 100 ] || break
              for p in running executing last_used project; do
                v=; [ -f "$d/$p" ] && read -r v < "$d/$p"
                printf '%s\\t' "$v"
              done
              printf '\\n'
            done
            """;
    private static final String NO_PROJECT = "none";

    private final boolean apart;
    private final int self;
    private final String boot;
    private final Set<Path> installations = ConcurrentHashMap.newKeySet();

    /// @param apart this program is root and sees every account's; else only those of its own uid
    RSessions(boolean apart, int self, String boot) {
        this.apart = apart;
        this.self = self;
        this.boot = boot;
        installations.add(USUAL);
    }

    /// At most `MOST`, the oldest pid first.
    List<RSession> all() throws IOException {
        List<Long> candidates = new ArrayList<>();
        List<Long> pids = Proc.pids();
        pids.sort(null);
        for (long pid : pids) {
            Optional<ProcStat> stat = Proc.stat(pid).filter(it -> !it.isDead());
            if (stat.isEmpty()) continue;
            if (stat.get().name().equals(SERVER)) remember(pid);
            else if (stat.get().name().equals(SESSION) && candidates.size() < MOST) candidates.add(pid);
        }
        List<RSession> genuine = new ArrayList<>();
        for (long pid : candidates) genuine(pid).ifPresent(genuine::add);
        return genuine;
    }

    /// Beside an `rserver` of the system lies the `rsession` it starts.
    private void remember(long pid) {
        var uid = Proc.uid(pid);
        if (uid.isEmpty()
                || uid.getAsInt() != self
                        && Accounts.of(uid.getAsInt())
                                .filter(Account::isPersons)
                                .isPresent()) return;
        Proc.link(pid, "exe")
                .map(Path::of)
                .filter(program -> program.endsWith(SERVER) && installations.size() < INSTALLATIONS_MOST)
                .ifPresent(
                        program -> installations.add(program.resolveSibling("").normalize()));
    }

    private Optional<RSession> genuine(long pid) {
        Optional<ProcStat> stat =
                Proc.stat(pid).filter(it -> !it.isDead() && it.name().equals(SESSION));
        var uid = Proc.uid(pid);
        if (stat.isEmpty() || uid.isEmpty() || !isAllowed(uid.getAsInt())) return Optional.empty();
        boolean installed = Proc.link(pid, "exe")
                .map(Path::of)
                .filter(program -> program.endsWith(SESSION) && isInstalled(program))
                .isPresent();
        return installed ? Optional.of(new RSession(pid, stat.get().start(), boot, uid.getAsInt())) : Optional.empty();
    }

    private boolean isInstalled(Path program) {
        Path directory = program.getParent();
        return directory != null && installations.stream().anyMatch(known -> known.equals(directory));
    }

    private boolean isAllowed(int uid) {
        return apart ? Accounts.of(uid).filter(Account::isPersons).isPresent() : uid == self;
    }

    boolean isStill(RSession session) {
        return session.boot().equals(boot)
                && genuine(session.pid()).filter(session::equals).isPresent();
    }

    /// To R alone; what R has begun is R's. KILL is for its whole family. Gone already: no error.
    void signal(RSession session, Signal signal) throws IOException {
        if (!session.boot().equals(boot)) return;
        List<ProcStat> family = signal == Signal.KILL ? family(session) : List.of();
        Native.signal(session.pid(), number(signal), () -> isStill(session));
        for (ProcStat child : family)
            if (child.pid() != session.pid())
                Native.signal(child.pid(), number(signal), () -> isSame(child, session.uid()));
    }

    private static boolean isSame(ProcStat process, int uid) {
        var owner = Proc.uid(process.pid());
        return owner.isPresent()
                && owner.getAsInt() == uid
                && Proc.stat(process.pid())
                        .filter(now -> now.start() == process.start())
                        .isPresent();
    }

    private static int number(Signal signal) {
        return LocalHands.number(signal);
    }

    RSession.Use use(RSession session) throws IOException {
        List<ProcStat> family = family(session);
        if (family.isEmpty()) throw new IOException("the rsession " + session.pid() + " is gone");
        long cpu = 0;
        long memory = 0;
        for (ProcStat member : family) {
            cpu += member.cpuTicks() * Proc.NANOS_PER_TICK;
            memory += Proc.memoryBytes(member.pid());
        }
        return new RSession.Use(new Usage(cpu, memory, family.size()), activity(session.uid()));
    }

    /// It and all it has begun with its uid; empty when it is gone.
    private List<ProcStat> family(RSession session) throws IOException {
        if (!isStill(session)) return List.of();
        Map<Long, List<ProcStat>> children = new HashMap<>();
        List<ProcStat> family = new ArrayList<>();
        for (long pid : Proc.pids())
            Proc.stat(pid).filter(it -> !it.isDead()).ifPresent(stat -> {
                if (pid == session.pid()) family.add(stat);
                children.computeIfAbsent(stat.parent(), any -> new ArrayList<>())
                        .add(stat);
            });
        Set<Long> seen = new HashSet<>(Set.of(session.pid()));
        for (int i = 0; i < family.size() && family.size() < FAMILY_MOST; i++)
            for (ProcStat child : children.getOrDefault(family.get(i).pid(), List.of())) {
                var uid = Proc.uid(child.pid());
                if (uid.isPresent() && uid.getAsInt() == session.uid() && seen.add(child.pid())) family.add(child);
            }
        return family;
    }

    // ---- what it is doing

    private Optional<Activity> activity(int uid) {
        Optional<Account> account = Accounts.of(uid);
        if (account.isEmpty()) return Optional.empty();
        try {
            return newest(lines(account.get()));
        } catch (IOException unreadable) {
            log.debug("files of an rsession can't be read uid={} cause={}", uid, unreadable.toString());
            return Optional.empty();
        }
    }

    private List<String> lines(Account account) throws IOException {
        Path directory = account.home().resolve(FILES);
        if (!apart && !Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) return List.of();
        // a pipe that was put in place of a file makes it wait, and nobody else
        List<String> command = new ArrayList<>(List.of("/usr/bin/timeout", "-k", "1", LOOK_SECONDS));
        if (apart) command.addAll(Spawn.dropTo(account.uid(), account.gid()));
        command.addAll(List.of("/bin/sh", "-c", LOOK, "carrel-look", directory.toString()));
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .redirectInput(Path.of("/dev/null").toFile())
                .directory(Path.of("/").toFile());
        builder.environment().clear();
        builder.environment().put("PATH", Spawn.PATH);
        Process process = builder.start();
        try (var output = process.getInputStream()) {
            return new String(output.readNBytes(READ_BYTES_MOST), StandardCharsets.UTF_8)
                    .lines()
                    .toList();
        } finally {
            process.destroyForcibly();
        }
    }

    /// Of all sessions an account ever had here, the one used last that says it runs.
    static Optional<Activity> newest(List<String> lines) {
        Optional<Activity> newest = Optional.empty();
        Instant last = Instant.MIN;
        for (String line : lines) {
            String[] fields = line.split("\t", -1);
            if (fields.length != 5 || !fields[0].equals("1")) continue;
            Instant used = time(fields[2]).orElse(Instant.EPOCH);
            if (used.isBefore(last)) continue;
            last = used;
            Optional<String> project = Optional.of(fields[3]).filter(it -> !it.isBlank() && !it.equals(NO_PROJECT));
            newest = Optional.of(
                    new Activity(fields[1].equals("1"), time(fields[2]), project.map(RSessions::printable)));
        }
        return newest;
    }

    /// Milliseconds since 1970, with or without a fraction.
    private static Optional<Instant> time(String text) {
        try {
            double millis = Double.parseDouble(text);
            return millis > 0 && millis < 1e14 ? Optional.of(Instant.ofEpochMilli((long) millis)) : Optional.empty();
        } catch (NumberFormatException none) {
            return Optional.empty();
        }
    }

    private static String printable(String text) {
        String cut = text.length() > 200 ? text.substring(0, 200) : text;
        return cut.replaceAll("\\p{Cntrl}", "?");
    }
}
