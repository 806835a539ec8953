package org.carrel.trust;

import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManager;

/// The JDK's TLS engines as nodes use them among themselves: TLS 1.3 and nothing older.
final class Engines {
    private static final String[] PROTOCOLS = {"TLSv1.3"};
    /// the lighter one first: both are out of reach for longer than a cluster lives
    private static final String[] CIPHERS = {"TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384"};

    private Engines() {}

    static SSLContext context(KeyManager shown, TrustManager... checks) {
        try {
            SSLContext context = SSLContext.getInstance(PROTOCOLS[0]);
            context.init(new KeyManager[] {shown}, checks, new SecureRandom());
            return context;
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible); // every Java since 11 has TLS 1.3
        }
    }

    /// @param mutual whether a server hangs up on clients that show no certificate
    /// @param spoken what this side speaks inside (ALPN, RFC 7301), the most liked first; empty: isn't said
    static SSLEngine prepared(SSLEngine engine, boolean client, boolean mutual, List<String> spoken) {
        engine.setUseClientMode(client);
        SSLParameters parameters = engine.getSSLParameters();
        parameters.setProtocols(PROTOCOLS);
        parameters.setCipherSuites(CIPHERS);
        parameters.setUseCipherSuitesOrder(true);
        if (!client) parameters.setNeedClientAuth(mutual);
        parameters.setApplicationProtocols(spoken.toArray(String[]::new));
        engine.setSSLParameters(parameters);
        return engine;
    }
}
