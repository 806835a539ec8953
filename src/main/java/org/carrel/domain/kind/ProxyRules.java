package org.carrel.domain.kind;

import static org.carrel.domain.Require.require;

import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/// How requests to a session of this kind are rewritten on their way.
/// @param prefix   what the workload sees of `/s/<id>` in front of a path
/// @param host     what the workload sees as `Host`
/// @param marked   WebSockets on which not every message is the user's
/// @param withheld cookies between us and the workload alone: none of these names comes from a browser or goes to it
/// @param polls    requests that its pages make by themselves
/// @param rootPath the header in which the workload is told under which path browsers see it; `/` on its own origin
/// @param signOut  where its pages post to sign out, as it sees it; that is the user's way out of this program instead
public record ProxyRules(
        Prefix prefix,
        Host host,
        Optional<Marked> marked,
        Set<String> withheld,
        Optional<Polls> polls,
        Optional<String> rootPath,
        Optional<String> signOut) {
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

    /// What a page sends although nobody uses it. Either is enough.
    /// @param paths  as the workload sees them
    /// @param header a request with this value of this header is one
    public record Polls(Set<String> paths, String header, String value) {
        public static final int MOST = 16;

        public Polls {
            paths = Set.copyOf(paths);
            require(paths.size() <= MOST, "at most " + MOST + " paths of polls");
        }
    }

    public static final int WITHHELD_MOST = 32;

    public ProxyRules {
        withheld = Set.copyOf(withheld);
        require(withheld.size() <= WITHHELD_MOST, "at most " + WITHHELD_MOST + " cookies are withheld");
    }

    public ProxyRules(Prefix prefix, Host host, Optional<Marked> marked) {
        this(prefix, host, marked, Set.of(), Optional.empty(), Optional.empty(), Optional.empty());
    }

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
