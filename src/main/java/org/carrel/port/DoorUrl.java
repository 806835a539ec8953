package org.carrel.port;

import static org.carrel.domain.Require.require;

import java.net.SocketAddress;
import java.net.URI;
import java.util.Objects;
import java.util.regex.Pattern;

/// A door that is reached by a WebSocket, through HTTP proxies that others keep: `wss://proxy.example/n3`.
///
/// Whether it begins with `ws` or `wss` is the proxy's affair: between the nodes it is encrypted and proved inside.
public final class DoorUrl extends SocketAddress {
    private static final long serialVersionUID = 1;
    private static final int LONGEST = 500;
    private static final Pattern HOST = Pattern.compile("[A-Za-z0-9.-]{1,253}|\\[[0-9A-Fa-f:.]{2,45}]");

    private final URI uri;

    private DoorUrl(URI uri) {
        this.uri = uri;
    }

    /// @throws IllegalArgumentException with a message that says what was wanted
    public static DoorUrl of(String text) {
        String wanted = "must be a URL such as wss://proxy.example/n3, at most " + LONGEST + " characters";
        require(text.length() <= LONGEST, wanted);
        try {
            URI uri = URI.create(text);
            boolean ws = "ws".equals(uri.getScheme()) || "wss".equals(uri.getScheme());
            String host = uri.getHost();
            require(ws && host != null && HOST.matcher(host).matches(), wanted);
            require(uri.getRawUserInfo() == null && uri.getRawFragment() == null, wanted);
            require(uri.getPort() != 0 && uri.getPort() < 65536, wanted);
            return new DoorUrl(uri);
        } catch (IllegalArgumentException unfit) {
            throw new IllegalArgumentException(wanted, unfit);
        }
    }

    public URI uri() {
        return uri;
    }

    public boolean isEncrypted() {
        return "wss".equals(uri.getScheme());
    }

    /// without brackets
    public String host() {
        String host = Objects.requireNonNull(uri.getHost());
        return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    }

    public int port() {
        if (uri.getPort() > 0) return uri.getPort();
        return isEncrypted() ? 443 : 80;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof DoorUrl url && url.uri.equals(uri);
    }

    @Override
    public int hashCode() {
        return uri.hashCode();
    }

    @Override
    public String toString() {
        return uri.toString();
    }
}
