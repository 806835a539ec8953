package org.carrel.trust;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSession;
import javax.net.ssl.X509ExtendedKeyManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.carrel.domain.node.NodeId;

/// TLS 1.3 between two nodes, where each shows its certificate and each checks the other's. Stays the same when a
/// certificate is renewed. Sessions are resumed for at most ten minutes, and `peer` is to be asked after every
/// handshake.
public final class Mutual {
    private static final int RESUMED_FOR_SECONDS = 600;
    private static final int SESSIONS_MOST = 4096;

    private final PresentKey key;
    private final PeerCheck check;
    private final ShutOutList shutOut;
    private final SSLContext context;

    Mutual(PresentKey key, PeerCheck check, ShutOutList shutOut) {
        this.shutOut = shutOut;
        this.key = key;
        this.check = check;
        context = Engines.context(key, check);
        for (var sessions : new javax.net.ssl.SSLSessionContext[] {
            context.getServerSessionContext(), context.getClientSessionContext()
        }) {
            sessions.setSessionTimeout(RESUMED_FOR_SECONDS);
            sessions.setSessionCacheSize(SESSIONS_MOST);
        }
    }

    /// Engines made from it directly must ask for the client's certificate themselves: `engine` does.
    public SSLContext context() {
        return context;
    }

    /// Breaks off as soon as the node at the other end is shut out.
    /// @param client  whether it is we who called
    /// @param host    of the peer with `port`, by which a client finds a session to resume; it is not checked
    /// @param isStale whether this connection shall be broken off before the next write
    public SSLEngine engine(boolean client, String host, int port, BooleanSupplier isStale) {
        return new WatchedEngine(engine(client, host, port, List.of()), shutOut, isStale);
    }

    /// For whoever breaks off by himself, see `onShutOut`.
    /// @param spoken what this side speaks inside (ALPN), the most liked first
    public SSLEngine engine(boolean client, String host, int port, List<String> spoken) {
        return Engines.prepared(context.createSSLEngine(host, port), client, true, spoken);
    }

    /// Who is at the other end; empty when it must be hung up on.
    public Optional<Peer> peer(SSLSession session) {
        return check.peer(session);
    }

    /// Runs something as soon as that node is shut out, at once when it is already.
    /// @return calls it off
    public Runnable onShutOut(NodeId node, Runnable then) {
        Runnable look = () -> {
            if (shutOut.isOut(node)) then.run();
        };
        Runnable over = shutOut.watch(look);
        look.run();
        return over;
    }

    /// What this node shows that it may do.
    public Set<Role> roles() {
        return key.roles();
    }

    /// for engines of another library
    public X509ExtendedKeyManager keyManager() {
        return key;
    }

    public X509ExtendedTrustManager trustManager() {
        return check;
    }
}
