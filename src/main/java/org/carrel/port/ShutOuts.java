package org.carrel.port;

import java.io.IOException;
import java.time.Instant;
import java.util.List;
import org.carrel.domain.node.NodeId;

/// Machines that no node of the cluster lets in any more.
public interface ShutOuts {
    /// of a node without a cluster
    ShutOuts NOWHERE = new ShutOuts() {
        @Override
        public List<One> present() {
            return List.of();
        }

        @Override
        public Answer shutOut(String node) {
            return new Answer.Unknown();
        }

        @Override
        public Answer letIn(String node) {
            return new Answer.Unknown();
        }
    };

    /// those that are out, the latest first
    List<One> present();

    /// Returns when this node holds it; the others hear of it at once.
    /// @param node its name, or its id where it is on the list no more
    /// @throws IOException when it can't be written down
    Answer shutOut(String node) throws IOException;

    /// @param node its id, or its name where that says which
    /// @throws IOException when it can't be written down
    Answer letIn(String node) throws IOException;

    /// @param name it had when it was shut out
    record One(NodeId node, String name, Instant since) {}

    sealed interface Answer {
        record Done(One one) implements Answer {}

        /// no such node
        record Unknown() implements Answer {}

        /// @param why a sentence
        record Impossible(String why) implements Answer {}
    }
}
