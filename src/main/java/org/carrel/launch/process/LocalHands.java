package org.carrel.launch.process;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.stream.Stream;
import org.carrel.domain.session.SessionId;
import org.carrel.domain.user.UserId;
import org.carrel.launch.LaunchException;
import org.carrel.launch.Launcher.Signal;
import org.carrel.launch.Launcher.Usage;
import org.carrel.launch.process.Box.Owner;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Hands in this very program. As an ordinary user every session has this program's uid; as root every user's sessions
/// have a uid of their own. Methods may be called from any thread and block for as long as a process takes to start or
/// end, with deadlines.
final class LocalHands implements Hands {
    private static final Logger log = LoggerFactory.getLogger(LocalHands.class);

    private static final int MOST_FOUND = 10_000;
    /// how long the shim may take to record the end of a killed program
    private static final Duration LAST_WORD = Duration.ofSeconds(1);

    /// of what is told about CPU and memory
    private static final Duration SAMPLE_AGE = Duration.ofMillis(500);

    /// a process that can't be killed for so long waits for something in the kernel, a lost file server for example
    private static final Duration KILL_PATIENCE = Duration.ofSeconds(3);

    private static final int MOST_TOLD = 20;
    private static final Duration DELETE_PATIENCE = Duration.ofSeconds(60);

    private final Directories directories;
    private final Optional<Privilege> privilege;
    private final Owner self;
    private final Cgroups cgroups;
    private final String boot;
    private final LocalHomeFiles homes;
    private final RSessions rsessions;
    private final ProcTable table = new ProcTable(SAMPLE_AGE);
    private final Map<SessionId, CpuClock> clocks = new ConcurrentHashMap<>();
    /// a scan sees no start half done
    private final ReadWriteLock starting = new ReentrantReadWriteLock();

    private LocalHands(Directories directories, Optional<Privilege> privilege, Cgroups cgroups) throws IOException {
        this.directories = directories;
        this.privilege = privilege;
        this.cgroups = cgroups;
        this.self = Owner.self();
        this.boot = Proc.bootId();
        this.rsessions = new RSessions(privilege.isPresent(), self.uid(), boot);
        this.homes = new LocalHomeFiles(directories.homes(), privilege.isPresent(), this::owner, this::empty);
        for (Path directory : List.of(directories.boxes(), directories.homes(), directories.run())) {
            Files.createDirectories(directory);
            Box.mode(directory, privilege.isPresent() ? 0711 : 0700);
        }
    }

    /// With this program's own uid for everything.
    static LocalHands ofOneUid(Directories directories, Cgroups cgroups) throws IOException {
        return new LocalHands(directories, Optional.empty(), cgroups);
    }

    /// As root.
    /// @param gateway uid and gid of the unprivileged part of Carrel, which connects to sockets and reads logs
    static LocalHands ofRoot(Directories directories, Owner gateway, Uids uids, Cgroups cgroups) throws IOException {
        return new LocalHands(directories, Optional.of(new Privilege(gateway, uids)), cgroups);
    }

    @Override
    public boolean apart() {
        return privilege.isPresent();
    }

    @Override
    public Identity start(Job job) throws LaunchException, InterruptedException {
        Box box = Box.of(directories, job.id());
        starting.readLock().lock();
        try {
            Owner owner = owner(job.user());
            Path home = homes.home(job.user());
            box.make(owner, privilege.map(Privilege::gateway).orElse(self), apart(), job.files());
            List<Path> groups = cgroups.make(job.id(), job.limits());
            try {
                return new Spawn(job, box, home, owner, apart(), groups).run(boot);
            } catch (LaunchException | IOException | InterruptedException e) {
                cgroups.remove(job.id());
                discard(box, owner.uid());
                deleteBox(box);
                throw e;
            }
        } catch (FileAlreadyExistsException e) {
            throw new LaunchException("session " + job.id() + " has been started before: " + e.getFile() + " is there");
        } catch (IOException e) {
            throw new LaunchException("the machine can't start it: " + e.getMessage(), e);
        } finally {
            starting.readLock().unlock();
        }
    }

    private Owner owner(UserId user) throws IOException {
        if (privilege.isEmpty()) return self;
        int uid = privilege.get().uids().of(user);
        return new Owner(uid, uid);
    }

    @Override
    public void pack(UserId user, OutputStream to) throws IOException, InterruptedException {
        homes.pack(user, to);
    }

    @Override
    public void unpack(UserId user, InputStream from) throws IOException, InterruptedException {
        homes.unpack(user, from);
    }

    @Override
    public void setAside(UserId user) throws IOException {
        homes.setAside(user);
    }

    @Override
    public void signal(Identity identity, Signal signal) throws IOException {
        require(identity);
        if (signal == Signal.KILL) kill(identity);
        else send(identity, number(signal));
    }

    /// as Linux numbers them on x86-64 and arm64
    static int number(Signal signal) {
        return switch (signal) {
            case INT -> 2;
            case KILL -> 9;
            case USR1 -> 10;
            case USR2 -> 12;
            case TERM -> 15;
        };
    }

    @Override
    public List<RSession> rsessions() throws IOException {
        return rsessions.all();
    }

    @Override
    public RSession.Use use(RSession session) throws IOException {
        return rsessions.use(session);
    }

    @Override
    public void signal(RSession session, Signal signal) throws IOException {
        rsessions.signal(session, signal);
    }

    /// The shim alone would swallow it, so for a moment after a start this waits for the program itself.
    private void send(Identity leader, int signal) throws IOException {
        long deadline = System.nanoTime() + LAST_WORD.toNanos();
        List<ProcStat> members = Members.of(leader, boot);
        while (members.size() == 1 && leader.isAlive(boot) && System.nanoTime() < deadline) {
            pause();
            members = Members.of(leader, boot);
        }
        for (ProcStat member : members)
            Native.signal(member.pid(), signal, () -> Members.isStill(member, leader, boot));
    }

    /// Everything but the shim first, so that it can record the end; the shim too when it stays. In rounds: a
    /// process may fork while its family is being counted, and a shim that was about to start the program starts
    /// it meanwhile, which would outlive it. So until nothing is left at all.
    private void kill(Identity leader) throws IOException {
        long began = System.nanoTime();
        while (true) {
            List<ProcStat> members = Members.of(leader, boot);
            if (members.isEmpty()) return;
            long waited = System.nanoTime() - began;
            if (waited > KILL_PATIENCE.toNanos()) {
                log.warn("processes stay after they were killed session={} pids={}", leader.id(), pids(members));
                return;
            }
            boolean withShim = waited > LAST_WORD.toNanos();
            for (ProcStat member : members)
                if (withShim || !leader.is(member))
                    Native.signal(member.pid(), 9, () -> Members.isStill(member, leader, boot));
            pause();
        }
    }

    private static List<Long> pids(List<ProcStat> members) {
        return members.stream().map(ProcStat::pid).limit(MOST_TOLD).toList();
    }

    private static void pause() throws IOException {
        try {
            Thread.sleep(5);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while waiting for the end of a process", e);
        }
    }

    @Override
    public void settle(Identity identity) throws IOException {
        require(identity);
        if (apart() && identity.isAlive(boot)) Native.renice(identity.pid(), 0);
    }

    @Override
    public Usage usage(Identity identity) throws IOException {
        require(identity);
        List<ProcStat> members = table.members(identity, boot);
        long cpu = 0;
        long memory = 0;
        for (ProcStat member : members) {
            cpu += member.cpuTicks() * Proc.NANOS_PER_TICK;
            memory += Proc.memoryBytes(member.pid());
        }
        long seen = clocks.computeIfAbsent(identity.id(), id -> new CpuClock()).at(cpu);
        return new Usage(seen, memory, members.size());
    }

    @Override
    public List<Identity> scan() throws IOException {
        starting.writeLock().lock();
        try {
            Map<SessionId, Identity> found = new ConcurrentHashMap<>();
            for (long pid : Proc.pids()) {
                if (found.size() >= MOST_FOUND) break;
                leader(pid)
                        .ifPresent(leader -> found.merge(
                                leader.id(), leader, (one, other) -> one.start() <= other.start() ? one : other));
            }
            return List.copyOf(found.values());
        } finally {
            starting.writeLock().unlock();
        }
    }

    /// A live leader of a session whose box is here and belongs to the same uid; the marker alone proves nothing.
    private Optional<Identity> leader(long pid) {
        if (pid <= 1) return Optional.empty();
        var stat = Proc.stat(pid);
        if (stat.isEmpty() || stat.get().session() != pid || stat.get().isDead()) return Optional.empty();
        var uid = Proc.uid(pid);
        if (uid.isEmpty() || (apart() ? !Uids.isOurs(uid.getAsInt()) : uid.getAsInt() != self.uid()))
            return Optional.empty();
        return Members.marker(pid)
                .filter(id -> Box.of(directories, id).uid().equals(uid))
                .map(id -> new Identity(id, pid, stat.get().start(), boot, uid.getAsInt()));
    }

    @Override
    public void clean(Identity identity) throws IOException {
        require(identity);
        kill(identity);
        cgroups.remove(identity.id());
        clocks.remove(identity.id());
        discard(Box.of(directories, identity.id()), identity.uid());
    }

    @Override
    public void forget(SessionId id) throws IOException {
        Box box = Box.of(directories, id);
        if (!box.exists()) return;
        for (Identity running : scan())
            if (running.id().equals(id)) throw new IOException("session " + id + " still runs");
        cgroups.remove(id);
        discard(box, box.uid().orElse(self.uid()));
        deleteBox(box);
    }

    /// All but log and exit status.
    private void discard(Box box, int uid) throws IOException {
        if (!box.exists()) return;
        for (Path emptied : List.of(box.tmp(), box.sockets())) empty(emptied, uid);
        Box.deleteFile(box.sockets());
        // whose it was stays readable from `tmp`'s owner until everything is forgotten
        try (Stream<Path> files = Files.list(box.directory())) {
            for (Path file : files.toList())
                if (!Box.RESERVED.contains(file.getFileName().toString())) Box.deleteFile(file);
        }
    }

    private static void deleteBox(Box box) throws IOException {
        for (Path path : List.of(box.tmp(), box.log(), box.exit(), box.directory())) Box.deleteFile(path);
    }

    /// With the rights of the session's user: what is in there was made by them, and might be a trap for root.
    private void empty(Path directory, int uid) throws IOException {
        if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) return;
        List<String> command = new ArrayList<>();
        if (apart()) command.addAll(Spawn.dropTo(uid));
        command.addAll(List.of(
                "/bin/sh",
                "-c",
                "find \"$1\" -xdev -mindepth 1 -delete 2>/dev/null && exit 0; chmod -R u+rwx \"$1\"; exec find \"$1\" -xdev -mindepth 1 -delete",
                "carrel-empty",
                directory.toString()));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.redirectOutput(ProcessBuilder.Redirect.DISCARD).environment().clear();
        builder.environment().put("PATH", Spawn.PATH);
        builder.directory(Path.of("/").toFile());
        Process process = builder.start();
        try {
            if (!process.waitFor(DELETE_PATIENCE)) {
                process.destroyForcibly();
                throw new IOException("emptying " + directory + " took more than " + DELETE_PATIENCE);
            }
            if (process.exitValue() != 0) log.warn("not empty directory={} status={}", directory, process.exitValue());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while emptying " + directory, e);
        }
    }

    /// Nobody makes these hands touch a process that can't be a session's.
    private void require(Identity identity) throws IOException {
        boolean ours = apart() ? Uids.isOurs(identity.uid()) : identity.uid() == self.uid();
        if (!ours) throw new IOException("uid " + identity.uid() + " is none that sessions run with");
    }

    @Override
    public void close() {}

    /// @param gateway who connects to sockets and reads logs
    private record Privilege(Owner gateway, Uids uids) {}

    /// CPU time that never falls: what a child had used vanishes when it is reaped by somebody outside the session.
    private static final class CpuClock {
        private long total;
        private long last;

        synchronized long at(long now) {
            if (now > last) total += now - last;
            last = now;
            return total;
        }
    }
}
