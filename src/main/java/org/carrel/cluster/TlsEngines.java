package org.carrel.cluster;

import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSession;
import org.apache.pekko.remote.artery.tcp.SSLEngineProvider;
import scala.Option;

/// Gives the engine TLS whose certificates are somebody else's affair. A connection to a node that was silent
/// for long is given up for a new one: when the network is back, the old one would wait for TCP to try again, which
/// it does ever more seldom (a minute after a cut of a minute, two minutes after a long one).
public final class TlsEngines implements SSLEngineProvider {
    /// Where engines come from; each asks the other side for its certificate.
    public interface Source {
        /// @param isStale asked before each write: then the engine must break off
        SSLEngine engine(boolean client, String host, int port, BooleanSupplier isStale);

        /// After a handshake, a resumed one too.
        boolean isTrusted(SSLSession session);
    }

    /// Longer than it takes to say that a node is out of reach; a new connection has as long to be heard.
    private static final long SILENT_MOST = TimeUnit.SECONDS.toNanos(10);

    private final Source source;
    private final PhiRegistry heard;

    TlsEngines(Source source, PhiRegistry heard) {
        this.source = source;
        this.heard = heard;
    }

    @Override
    public SSLEngine createServerSSLEngine(String host, int port) {
        return source.engine(false, host, port, () -> false);
    }

    @Override
    public SSLEngine createClientSSLEngine(String host, int port) {
        String peer = host + ":" + port;
        long opened = System.nanoTime();
        return source.engine(
                true,
                host,
                port,
                () -> System.nanoTime() - opened >= SILENT_MOST && heard.unheardNanos(peer) >= SILENT_MOST);
    }

    @Override
    public Option<Throwable> verifyClientSession(String host, SSLSession session) {
        return verify(host, session);
    }

    @Override
    public Option<Throwable> verifyServerSession(String host, SSLSession session) {
        return verify(host, session);
    }

    private Option<Throwable> verify(String host, SSLSession session) {
        return source.isTrusted(session)
                ? Option.empty()
                : Option.apply(new SecurityException("no node of this cluster at " + host));
    }
}
