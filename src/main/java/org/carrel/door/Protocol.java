package org.carrel.door;

import java.util.Optional;

/// What is spoken on a connection between two nodes, agreed on by ALPN (RFC 7301).
enum Protocol {
    /// HTTP with JSON: the agent's own interface, for other nodes
    API("carrel-api/1"),
    /// one stream for each connection to a session: preface, status, then bytes
    SESSION("carrel-session/1");

    private final String alpn;

    Protocol(String alpn) {
        this.alpn = alpn;
    }

    String alpn() {
        return alpn;
    }

    static Optional<Protocol> of(String alpn) {
        for (Protocol protocol : values()) if (protocol.alpn.equals(alpn)) return Optional.of(protocol);
        return Optional.empty();
    }
}
