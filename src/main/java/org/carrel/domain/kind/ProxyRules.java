package org.carrel.domain.kind;

import java.util.Optional;
import java.util.OptionalInt;

/// How requests to a session of this kind are rewritten on their way.
/// @param prefix what the workload sees of `/s/<id>` in front of a path
/// @param host   what the workload sees as `Host`
/// @param marked WebSockets on which not every message is the user's
public record ProxyRules(Prefix prefix, Host host, Optional<Marked> marked) {
    public enum Prefix {
        /// the workload lives at `/` and knows nothing of a prefix (Shiny: 404 otherwise)
        STRIP,
        /// the workload was started with the prefix as its base address (Jupyter: 404 otherwise)
        KEEP
    }

    public enum Host {
        /// the name in the browser's address bar
        PUBLIC,
        /// `localhost`: for servers that refuse others when bound to loopback (Jupyter)
        LOCALHOST
    }

    /// @param query  of the request that opens such a WebSocket
    /// @param letter the first byte of the messages that are the user's; all others are the page's own
    public record Marked(String query, char letter) {}

    public ProxyRules(Prefix prefix, Host host) {
        this(prefix, host, Optional.empty());
    }

    /// @return the first byte of what counts as the user's on a WebSocket opened so; empty: everything
    public OptionalInt inputLetter(String query) {
        return marked.filter(it -> it.query().equals(query)).stream()
                .mapToInt(Marked::letter)
                .findFirst();
    }

    public static final ProxyRules PLAIN = new ProxyRules(Prefix.STRIP, Host.PUBLIC);
}
