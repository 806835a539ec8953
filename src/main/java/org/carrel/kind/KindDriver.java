package org.carrel.kind;

import static org.carrel.domain.Require.require;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.carrel.domain.app.App;
import org.carrel.domain.kind.KindId;
import org.carrel.domain.kind.ProxyRules;
import org.carrel.domain.session.Endpoint;
import org.carrel.domain.session.SessionId;
import org.carrel.domain.session.SignOn;
import org.carrel.domain.user.UserId;
import org.carrel.http.Header;
import org.carrel.launch.Launcher.Signal;

/// What one app kind knows of its workloads. One file for each kind; contract test: `KindContract`.
public interface KindDriver {
    KindId id();

    ProxyRules rules();

    /// Of what speaks first, and no HTTP: the bytes with which it begins each connection. Only a front leads there,
    /// never a request, which would be taken for commands.
    default Optional<Probe.Greeting> greeting() {
        return Optional.empty();
    }

    /// On what it can listen. A unix socket when it can: nobody else reaches it.
    Listening listening(App app);

    /// Says what to start. Pure: the same arguments give the same plan.
    Plan plan(App app, Site site);

    /// Whether users keep files with it, unless an app says otherwise: then it runs where their files are.
    default boolean keepsFiles() {
        return false;
    }

    /// Why apps of this kind can't run on this machine, with the next step; empty when they can.
    Optional<String> obstacle(App app);

    /// Asks the workload itself whether it is working. @return false when it can't tell (its CPU then decides)
    boolean isWorking(Served served) throws IOException;

    /// The polite way to its end, mildest first; KILL is always added after the last.
    List<StopStep> stopSteps(Served served);

    /// As whom a new session's user signs on, where its server asks for that.
    /// @throws IllegalArgumentException with a sentence for the user: they have no account there
    default Optional<SignOn> signOn(App app, UserId user) {
        return Optional.empty();
    }

    /// A fresh proof of who its user is, for workloads that ask for one that ages; empty: the plan's headers are for
    /// good.
    /// @throws IOException when it can't be made now, with the next step
    default Optional<Proof> proof(Served served, Instant now) throws IOException {
        return Optional.empty();
    }

    /// @throws IllegalArgumentException when the session was given a port
    static String socketOf(Site site) {
        if (site.endpoint() instanceof Endpoint.Unix unix) return unix.path();
        throw new IllegalArgumentException("this kind listens on a socket, not on " + site.endpoint());
    }

    enum Listening {
        /// the agent chooses an `Endpoint.Unix`
        SOCKET,
        /// the agent chooses an `Endpoint.Tcp`; it is trusted only once `Launcher.listens` says so
        PORT
    }

    /// @param baseDirectory the session's own directory: holds its files and `tmp`; owned by its user
    /// @param endpoint      free, chosen by the agent
    /// @param prefix        `/s/<id>`, the path under which the session may be reached
    record Site(SessionId id, String baseDirectory, Endpoint endpoint, String prefix, Secret secret) {}

    /// @param value 32 random hex digits made for this session, for workloads that check a token; kept on disk with
    /// mode 0600
    record Secret(String value) {
        @Override
        public String toString() {
            return "Secret[…]";
        }
    }

    /// A session as its driver meets it again.
    record Served(Endpoint endpoint, Secret secret, Optional<SignOn> signOn) {}

    /// @param inject headers the gateway sets on every request, instead of the plan's; secret
    /// @param fresh  how long they may be used; then new ones are to be asked for
    record Proof(List<Header> inject, Duration fresh) {
        public Proof {
            inject = List.copyOf(inject);
        }
    }

    /// @param files  by name, into the base directory, 0400: the place for secrets
    /// @param inject headers the gateway sets on every request to this session
    /// @param probe  what must succeed before the session is ready
    record Plan(
            List<String> argv,
            Map<String, String> environment,
            String directory,
            Map<String, String> files,
            List<Header> inject,
            Probe probe) {
        public Plan {
            argv = List.copyOf(argv);
            environment = Map.copyOf(environment);
            files = Map.copyOf(files);
            inject = List.copyOf(inject);
        }
    }

    /// The question whose true answer makes a session ready.
    sealed interface Probe {
        /// An HTTP GET that must be answered with a status in the range, headers of the plan included.
        record Get(String path, int statusFrom, int statusTo) implements Probe {}

        /// It speaks first: so many bytes, of which the first are these, in ASCII. A connection is one only with them.
        record Greeting(String begins, int bytes) implements Probe {
            public static final int MOST = 256;

            public Greeting {
                require(bytes >= begins.length() && bytes <= MOST, "a greeting has at most " + MOST + " bytes");
            }
        }
    }

    sealed interface StopStep {
        /// @param patience how long to wait for the end before the next step
        Duration patience();

        record Send(Signal signal, Duration patience) implements StopStep {}

        /// @param path for a POST with an empty body and the plan's headers
        record Post(String path, Duration patience) implements StopStep {}
    }
}
