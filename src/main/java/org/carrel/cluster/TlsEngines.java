package org.carrel.cluster;

import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSession;
import org.apache.pekko.remote.artery.tcp.SSLEngineProvider;
import scala.Option;

/// Gives the engine TLS whose certificates are somebody else's affair.
public final class TlsEngines implements SSLEngineProvider {
    /// Where engines come from; each asks the other side for its certificate.
    public interface Source {
        SSLEngine engine(boolean client, String host, int port);

        /// After a handshake, a resumed one too.
        boolean isTrusted(SSLSession session);
    }

    private final Source source;

    TlsEngines(Source source) {
        this.source = source;
    }

    @Override
    public SSLEngine createServerSSLEngine(String host, int port) {
        return source.engine(false, host, port);
    }

    @Override
    public SSLEngine createClientSSLEngine(String host, int port) {
        return source.engine(true, host, port);
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
