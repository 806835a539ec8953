package org.carrel.launch.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.carrel.domain.session.Endpoint;
import org.carrel.domain.session.Handle;
import org.carrel.domain.session.SessionId;
import org.carrel.launch.LaunchException;
import org.carrel.launch.LaunchSpec;
import org.carrel.launch.Launcher;
import org.carrel.port.HomeFiles;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Sessions as processes of this machine: detached, led by a shim that records their end, found again by their
/// identity.
/// They outlive this program, whatever ends it, and never hear the Ctrl-C of its terminal.
public final class ProcessLauncher implements Launcher {
    private static final Logger log = LoggerFactory.getLogger(ProcessLauncher.class);

    private final Directories directories;
    private final Hands hands;
    private final String boot;

    private ProcessLauncher(Directories directories, Hands hands) throws IOException {
        this.directories = directories;
        this.hands = hands;
        this.boot = Proc.bootId();
    }

    /// Sessions with this program's own uid.
    public static ProcessLauncher ofOneUid(Directories directories) throws IOException {
        Cgroups cgroups = Cgroups.find(Path.of("/sys/fs/cgroup"), Files.readAllLines(Path.of("/proc/self/cgroup")));
        return new ProcessLauncher(directories, LocalHands.ofOneUid(directories, cgroups));
    }

    static ProcessLauncher of(Directories directories, Hands hands) throws IOException {
        return new ProcessLauncher(directories, hands);
    }

    /// Beside it, with the same hands: sessions in the machine's RStudio Server. Ends with this one.
    public RSessionLauncher attaching() {
        return new RSessionLauncher(directories, hands);
    }

    /// The homes of its sessions' users.
    @Override
    public Optional<HomeFiles> homes() {
        return Optional.of(hands);
    }

    @Override
    public String name() {
        return Identity.LAUNCHER;
    }

    @Override
    public Handle launch(LaunchSpec spec) throws LaunchException, InterruptedException {
        Path sockets = directories.socketDirectory(spec.id());
        if (spec.endpoint() instanceof Endpoint.Unix unix
                && !sockets.equals(Path.of(unix.path()).getParent()))
            throw new LaunchException("the socket " + unix.path() + " is not in " + sockets);
        Map<String, String> environment = new HashMap<>(spec.environment());
        boolean ownNetwork = environment.remove(LaunchSpec.OWN_NETWORK) != null;
        long began = System.nanoTime();
        Identity identity;
        try {
            identity = hands.start(new Job(
                    spec.id(),
                    spec.user(),
                    spec.argv(),
                    environment,
                    spec.directory(),
                    spec.files(),
                    spec.limits(),
                    ownNetwork));
        } catch (IllegalArgumentException e) {
            throw new LaunchException("this app can't be started: " + e.getMessage(), e);
        }
        log.info(
                "workload started session={} user={} pid={} uid={} took_ms={}",
                spec.id(),
                spec.user(),
                identity.pid(),
                identity.uid(),
                (System.nanoTime() - began) / 1_000_000);
        return identity.handle();
    }

    @Override
    public Path directory(SessionId id) {
        return Box.of(directories, id).directory();
    }

    @Override
    public Path log(SessionId id) {
        return Box.of(directories, id).log();
    }

    @Override
    public Life look(Handle handle) {
        Identity identity = Identity.of(handle);
        if (identity.isAlive(boot)) return new Life.Alive();
        var status = Box.of(directories, identity.id()).exitStatus();
        return status.isPresent() ? new Life.Exited(status.getAsInt()) : new Life.Vanished();
    }

    @Override
    public void settled(Handle handle) throws IOException {
        hands.settle(Identity.of(handle));
    }

    @Override
    public List<Found> scan() throws IOException {
        return hands.scan().stream()
                .map(identity -> new Found(identity.id(), identity.handle()))
                .toList();
    }

    @Override
    public void signal(Handle handle, Signal signal) throws IOException {
        hands.signal(Identity.of(handle), signal);
    }

    @Override
    public OptionalLong pid(Handle handle) {
        return OptionalLong.of(Identity.of(handle).pid());
    }

    @Override
    public Usage usage(Handle handle) throws IOException {
        return hands.usage(Identity.of(handle));
    }

    @Override
    public Listener listener(Handle handle, Endpoint.Tcp endpoint) throws IOException {
        return Ports.listener(Identity.of(handle), boot, endpoint.port());
    }

    @Override
    public void clean(SessionId id, Handle handle) throws IOException {
        Identity identity = Identity.of(handle);
        if (!identity.id().equals(id)) throw new IOException("the handle of " + identity.id() + " is not of " + id);
        hands.clean(identity);
    }

    @Override
    public void forget(SessionId id) throws IOException {
        hands.forget(id);
    }

    /// Every user's sessions have a uid of their own, and may have a network of their own.
    public boolean keepsUsersApart() {
        return hands.apart();
    }

    @Override
    public String isolation() {
        return hands.apart()
                ? "each user's sessions run under a system user id of their own"
                : "all sessions run under one system user: people who start apps here must trust each other; an app that"
                        + " listens on a {port} is reached by every user of this machine";
    }

    @Override
    public void close() {
        hands.close();
    }
}
