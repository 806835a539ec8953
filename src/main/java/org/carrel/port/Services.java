package org.carrel.port;

import java.util.Locale;
import java.util.Optional;
import org.carrel.domain.app.AppId;
import org.carrel.domain.node.NodeName;
import org.carrel.http.Feed;

/// Services of the whole cluster.
public interface Services {
    /// Starts copies on the least busy nodes that have the app, or ends those on the busiest, until there are so many.
    /// It
    /// goes on when nobody reads.
    /// @param copies 0 to 1000
    /// @return what happens, to its end; empty while another launch of this app goes on here
    Optional<Feed<Step>> launch(AppId app, int copies);

    /// @param text a sentence without the node's name; of OUTPUT one line, at most 2,000 characters
    record Step(What what, Optional<NodeName> node, String text) {}

    enum What {
        /// a node was chosen
        CHOSEN,
        /// a line of what its installation says
        OUTPUT,
        READY,
        FAILED,
        STOPPED,
        /// it doesn't answer, and may run a copy
        SILENT,
        /// the last one: there are as many as were wanted
        DONE,
        /// the last one: there are not
        SHORT;

        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }

        public boolean isLast() {
            return this == DONE || this == SHORT;
        }
    }
}
