package org.carrel.launch.process;

import java.io.IOException;
import java.util.List;
import org.carrel.domain.session.SessionId;
import org.carrel.launch.LaunchException;
import org.carrel.launch.Launcher.Signal;
import org.carrel.launch.Launcher.Usage;
import org.carrel.port.HomeFiles;

/// What touches processes and the files of sessions: at once in this program (`LocalHands`), or through the privileged
/// starter (`RemoteHands`). Contract test: `HandsContract`.
interface Hands extends HomeFiles, AutoCloseable {
    Identity start(Job job) throws LaunchException, InterruptedException;

    void signal(Identity identity, Signal signal) throws IOException;

    void settle(Identity identity) throws IOException;

    /// At most half a second old.
    Usage usage(Identity identity) throws IOException;

    /// At most 10,000, leaders only.
    List<Identity> scan() throws IOException;

    void clean(Identity identity) throws IOException;

    void forget(SessionId id) throws IOException;

    /// Those of the machine's RStudio Server, whoever began them; at most `RSessions.MOST`.
    List<RSession> rsessions() throws IOException;

    /// @throws IOException when it is gone
    RSession.Use use(RSession session) throws IOException;

    /// After checking at the last moment that it is that very one. Gone already: no error.
    void signal(RSession session, Signal signal) throws IOException;

    /// Every user's processes have a uid of their own.
    boolean apart();

    @Override
    void close();
}
