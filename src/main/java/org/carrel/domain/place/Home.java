package org.carrel.domain.place;

import java.util.Optional;
import org.carrel.domain.node.NodeName;

/// Where the files of a user lie.
public sealed interface Home {
    Home SHARED = new Shared();

    /// On every node alike (a network file system), or the app leaves no files.
    record Shared() implements Home {}

    /// On the disk of one node: the user's sessions go there, or wait for it.
    /// @param node empty when the user has none yet; then the first placement makes one
    record Local(Optional<NodeName> node) implements Home {}
}
