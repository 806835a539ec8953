package org.carrel.trust;

import java.net.Socket;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.Set;
import java.util.function.Supplier;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/// Shows the certificate of the moment: after a renewal the next handshake has the new one, and nothing is restarted.
/// A handshake asks for the key and for the certificate apart, so the alias says which pair is meant.
final class PresentKey extends X509ExtendedKeyManager {
    private final Supplier<Credentials> present;
    private final X509Certificate[] above;
    private volatile @Nullable Credentials before;
    private volatile Credentials latest;
    private volatile Read read;

    /// what stands in a certificate, so that it isn't read for every connection
    private record Read(Credentials of, Set<Role> roles) {}

    /// @param above what is shown behind the node's own; peers have it, newcomers don't
    PresentKey(Supplier<Credentials> present, X509Certificate... above) {
        this.present = present;
        this.above = above.clone();
        this.latest = present.get();
        this.read = new Read(latest, latest.roles());
    }

    /// what is shown lets this node do
    Set<Role> roles() {
        Credentials now = present.get();
        Read known = read;
        if (known.of() != now) read = known = new Read(now, now.roles());
        return known.roles();
    }

    private String alias() {
        Credentials now = present.get();
        synchronized (this) {
            if (!now.equals(latest)) {
                before = latest;
                latest = now;
            }
        }
        return aliasOf(now);
    }

    private static String aliasOf(Credentials credentials) {
        return credentials.certificate().getSerialNumber().toString(16);
    }

    private @Nullable Credentials named(String alias) {
        Credentials now = latest;
        if (aliasOf(now).equals(alias)) return now;
        Credentials old = before;
        return old != null && aliasOf(old).equals(alias) ? old : null;
    }

    @Override
    public X509Certificate @Nullable [] getCertificateChain(String alias) {
        Credentials named = named(alias);
        if (named == null) return null;
        X509Certificate[] chain = new X509Certificate[1 + above.length];
        chain[0] = named.certificate();
        System.arraycopy(above, 0, chain, 1, above.length);
        return chain;
    }

    @Override
    public @Nullable PrivateKey getPrivateKey(String alias) {
        Credentials named = named(alias);
        return named == null ? null : named.key();
    }

    @Override
    public @Nullable String chooseClientAlias(String[] types, Principal @Nullable [] issuers, @Nullable Socket socket) {
        return alias();
    }

    @Override
    public @Nullable String chooseServerAlias(String type, Principal @Nullable [] issuers, @Nullable Socket socket) {
        return type.startsWith("EC") ? alias() : null;
    }

    @Override
    public @Nullable String chooseEngineClientAlias(
            String[] types, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
        return alias();
    }

    @Override
    public @Nullable String chooseEngineServerAlias(
            String type, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
        return type.startsWith("EC") ? alias() : null;
    }

    @Override
    public String[] getClientAliases(String type, Principal @Nullable [] issuers) {
        return new String[] {alias()};
    }

    @Override
    public String[] getServerAliases(String type, Principal @Nullable [] issuers) {
        return new String[] {alias()};
    }
}
