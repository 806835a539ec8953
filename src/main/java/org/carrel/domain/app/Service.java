package org.carrel.domain.app;

import static org.carrel.domain.Require.require;

import java.util.List;
import java.util.Optional;

/// What makes an app a service: it has no owner. Either there are as many copies as an administrator wants, at most one
/// on a node, or every node that can run it has as many as the settings say.
/// @param install   a command that is run once on a node before the first start there; empty: none
/// @param anonymous whoever isn't signed in may use it too
/// @param hosts     names that are its own, lower case, the first one first; empty: below `/service/<app>/` on the
///                  portal's host
/// @param trusted   without a host: its pages may act as the portal's own
/// @param perNode   copies on each node that can run it, 0 to 64; 0: an administrator launches them
/// @param front     where it is reached when it doesn't speak HTTP
public record Service(
        List<String> install,
        boolean anonymous,
        List<String> hosts,
        boolean trusted,
        int perNode,
        Optional<FrontRules> front) {
    public static final int PER_NODE_MOST = 64;

    public Service {
        require(perNode >= 0 && perNode <= PER_NODE_MOST, "copies per node: 0 to " + PER_NODE_MOST);
        install = List.copyOf(install);
        hosts = List.copyOf(hosts);
    }

    /// as many as are launched
    public Service(List<String> install, boolean anonymous, List<String> hosts, boolean trusted) {
        this(install, anonymous, hosts, trusted, 0, Optional.empty());
    }

    /// without a host, not trusted
    public Service(List<String> install, boolean anonymous) {
        this(install, anonymous, List.of(), false);
    }
}
