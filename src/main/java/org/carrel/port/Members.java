package org.carrel.port;

import org.carrel.domain.node.NodeName;

/// Who belongs to the cluster. How they are stands in the view.
public interface Members {
    /// of a node without a cluster
    Members ALONE = name -> new Forgot.Unknown();

    /// Takes a machine that never comes back off everybody's list. Returns before all have heard of it.
    Forgot forget(NodeName name);

    sealed interface Forgot {
        record Done() implements Forgot {}

        /// it isn't out of reach for everybody: it would be back at once
        record Reachable() implements Forgot {}

        record Unknown() implements Forgot {}
    }
}
