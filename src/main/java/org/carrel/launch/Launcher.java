package org.carrel.launch;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.carrel.domain.session.Endpoint;
import org.carrel.domain.session.Handle;
import org.carrel.domain.session.SessionId;
import org.carrel.port.HomeFiles;

/// Turns a launch spec into a workload that outlives this program, and finds it again by its handle.
/// Contract test: `LauncherContract`.
public interface Launcher extends AutoCloseable {
    String name();

    /// Its sessions' users' homes, when they lie with it.
    default Optional<HomeFiles> homes() {
        return Optional.empty();
    }

    /// Its workloads run already, or come by themselves: it only finds them.
    default boolean attaches() {
        return false;
    }

    /// Starts it detached. Returns as soon as it has a handle; doesn't wait until it answers.
    /// @throws LaunchException with a sentence for the user and the next step for the administrator
    Handle launch(LaunchSpec spec) throws LaunchException, InterruptedException;

    /// Where a session has its own things: `tmp/` and the files of its spec. Made by `launch`; belongs to the launcher,
    /// so
    /// nobody else writes there. Goes into `KindDriver.Site.baseDirectory`.
    Path directory(SessionId id);

    /// Its standard output and error, appended. The agent may read and truncate it; the session's user may not.
    Path log(SessionId id);

    /// It answers: from now on it runs at full priority. Starts are niced where the machine allows to take that back.
    default void settled(Handle handle) throws IOException {}

    /// What keeps one user's sessions from another's here, as a sentence for people.
    String isolation();

    /// Never trusts a pid alone: pid, start time and boot id must all agree; a zombie counts as dead.
    Life look(Handle handle);

    /// Everything of ours that runs here, whether or not anybody remembers it.
    List<Found> scan() throws IOException;

    /// Sends a signal to the whole workload, after checking its identity at the last moment. Gone already: no error.
    void signal(Handle handle, Signal signal) throws IOException;

    /// Of its main process, for people to see; empty when it is none of this node.
    default OptionalLong pid(Handle handle) {
        return OptionalLong.empty();
    }

    /// CPU time and memory of the whole process tree.
    Usage usage(Handle handle) throws IOException;

    /// What its files say of its use, for workloads that keep such files.
    default Optional<Activity> activity(Handle handle) throws IOException {
        return Optional.empty();
    }

    /// @param working it computes, though nobody may be there
    /// @param lastUse by its user, as far as it knows
    /// @param project the directory of what is being worked on, for people
    record Activity(boolean working, Optional<Instant> lastUse, Optional<String> project) {}

    /// Who listens on a port of loopback, as far as a workload is concerned.
    enum Listener {
        NOBODY,
        WORKLOAD,
        STRANGER
    }

    /// Whose the socket is that listens on this port of loopback: a stranger may have taken the port before the
    /// workload did (attack 43). Fails closed: to a launcher that can't tell everybody is a stranger.
    default Listener listener(Handle handle, Endpoint.Tcp endpoint) throws IOException {
        return Listener.STRANGER;
    }

    /// Removes what an ended workload left behind: sockets, temporary files, processes that escaped its group. Keeps
    /// its log.
    void clean(SessionId id, Handle handle) throws IOException;

    /// Removes everything of an ended session, its log too.
    void forget(SessionId id) throws IOException;

    /// Leaves workloads running.
    @Override
    void close();

    enum Signal {
        INT,
        TERM,
        /// for those to whom they mean something; of others they are the end
        USR1,
        USR2,
        KILL
    }

    /// @param cpuNanos  used since its start, never falling
    /// @param pssBytes  proportional set size
    record Usage(long cpuNanos, long pssBytes, int processes) {}

    record Found(SessionId id, Handle handle) {}

    sealed interface Life {
        record Alive() implements Life {}

        /// Nothing of it runs, and the next request brings it back: a suspended R, or one that nobody has used yet.
        record Resting() implements Life {}

        /// @param status exit code, or 128 + signal
        record Exited(int status) implements Life {}

        /// gone without a word: killed with its shim, or the machine restarted
        record Vanished() implements Life {}
    }
}
