package org.carrel.domain.app;

import java.util.List;

/// What makes an app a service: it has no owner and as many copies as an administrator wants, at most one on a node.
/// @param install   a command that is run once on a node before the first start there; empty: none
/// @param anonymous whoever isn't signed in may use it too
/// @param hosts     names that are its own, lower case, the first one first; empty: below `/service/<app>/` on the
///                  portal's host
/// @param trusted   without a host: its pages may act as the portal's own
public record Service(List<String> install, boolean anonymous, List<String> hosts, boolean trusted) {
    public Service {
        install = List.copyOf(install);
        hosts = List.copyOf(hosts);
    }

    /// without a host, not trusted
    public Service(List<String> install, boolean anonymous) {
        this(install, anonymous, List.of(), false);
    }
}
