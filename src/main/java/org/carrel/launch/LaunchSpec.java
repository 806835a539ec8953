package org.carrel.launch;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.carrel.domain.node.Resources;
import org.carrel.domain.session.Endpoint;
import org.carrel.domain.session.SessionId;
import org.carrel.domain.user.UserId;

/// What to start. No secrets in `argv` or `environment`: both can be read in /proc.
/// @param argv        program and arguments, no shell in between
/// @param directory   working directory; empty: the session's own
/// @param endpoint    where it is to listen; the launcher makes the directory of a unix socket, reachable by nobody
/// else
/// @param files       written into the session's own directory before the start, mode 0400, owned by its user: name to
/// content
/// @param limits      kept where the machine can
/// @param account     of the machine whose workload it is, where it runs already and is only found; else empty
public record LaunchSpec(
        SessionId id,
        UserId user,
        List<String> argv,
        Map<String, String> environment,
        String directory,
        Endpoint endpoint,
        Map<String, String> files,
        Resources limits,
        Optional<String> account) {
    /// A variable by which a kind asks for a network of its own, with nothing in it but loopback. The launcher takes it
    /// out
    /// of the environment, and refuses the start where it can't make one.
    public static final String OWN_NETWORK = "CARREL_OWN_NETWORK";

    /// to be started
    public LaunchSpec(
            SessionId id,
            UserId user,
            List<String> argv,
            Map<String, String> environment,
            String directory,
            Endpoint endpoint,
            Map<String, String> files,
            Resources limits) {
        this(id, user, argv, environment, directory, endpoint, files, limits, Optional.empty());
    }

    public LaunchSpec {
        argv = List.copyOf(argv);
        environment = Map.copyOf(environment);
        files = Map.copyOf(files);
    }
}
