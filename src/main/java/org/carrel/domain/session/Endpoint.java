package org.carrel.domain.session;

import static org.carrel.domain.Require.require;

/// Where a ready session listens, on its own node. Made by the agent only; never from anything in a request.
public sealed interface Endpoint {
    /// @param path of a unix socket, absolute, at most 100 bytes (the kernel allows 107)
    record Unix(String path) implements Endpoint {
        public Unix {
            require(path.startsWith("/") && path.length() <= 100, "not the path of a unix socket: " + path);
        }
    }

    /// A port on loopback.
    record Tcp(int port) implements Endpoint {
        public Tcp {
            require(port > 0 && port < 65536, "not a port: " + port);
        }
    }
}
