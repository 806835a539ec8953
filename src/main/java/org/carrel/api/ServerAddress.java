package org.carrel.api;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;

/// Where the REST interface is reached.
public sealed interface ServerAddress {
    /// the value of `Host`
    String authority();

    /// as a user would write it
    String text();

    /// @return what a path of an answer means to a browser
    String absolute(String url);

    /// @param host name or address, IPv6 in brackets
    record Web(boolean tls, String host, int port) implements ServerAddress {
        @Override
        public String authority() {
            return port == (tls ? 443 : 80) ? host : host + ":" + port;
        }

        @Override
        public String text() {
            return (tls ? "https://" : "http://") + authority();
        }

        @Override
        public String absolute(String url) {
            return url.startsWith("/") ? text() + url : url;
        }

        public boolean isLoopback() {
            return host.equals("localhost")
                    || host.endsWith(".localhost")
                    || host.equals("[::1]")
                    || host.startsWith("127.") && host.chars().allMatch(c -> c == '.' || c >= '0' && c <= '9');
        }
    }

    /// The node's own socket, where the asker is known by its uid.
    record Local(Path socket) implements ServerAddress {
        @Override
        public String authority() {
            return "localhost";
        }

        @Override
        public String text() {
            return "unix:" + socket;
        }

        @Override
        public String absolute(String url) {
            return url;
        }
    }

    /// @param url `http://host[:port]`, `https://host[:port]` or `unix:/path/of/socket`
    /// @throws IllegalArgumentException with a sentence that says what is wrong
    static ServerAddress parse(String url) {
        if (url.startsWith("unix:/")) return new Local(Path.of(url.substring("unix:".length())));
        URI uri;
        try {
            uri = new URI(url);
        } catch (URISyntaxException bad) {
            throw new IllegalArgumentException("not an address: \"" + url + "\": " + bad.getReason(), bad);
        }
        boolean tls = "https".equalsIgnoreCase(uri.getScheme());
        boolean plain = "http".equalsIgnoreCase(uri.getScheme());
        String path = uri.getRawPath();
        if (!tls && !plain
                || uri.getHost() == null
                || uri.getRawUserInfo() != null
                || uri.getRawQuery() != null
                || path != null && !path.isEmpty() && !path.equals("/"))
            throw new IllegalArgumentException(
                    "not an address like http://localhost:8080 or https://r.lab.example: \"" + url + "\"");
        int port = uri.getPort() < 0 ? (tls ? 443 : 80) : uri.getPort();
        return new Web(tls, uri.getHost(), port);
    }
}
