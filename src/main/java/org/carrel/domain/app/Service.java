package org.carrel.domain.app;

import java.util.List;

/// What makes an app a service: it has no owner and as many copies as an administrator wants, at most one on a node.
/// @param install   a command that is run once on a node before the first start there; empty: none
/// @param anonymous whoever isn't signed in may use it too
public record Service(List<String> install, boolean anonymous) {
    public Service {
        install = List.copyOf(install);
    }
}
