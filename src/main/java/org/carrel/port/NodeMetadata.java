package org.carrel.port;

import java.io.IOException;
import org.carrel.domain.node.Metadata;
import org.carrel.domain.node.NodeName;

/// What machines remember of themselves, this one and others.
public interface NodeMetadata {
    /// A change is made as a whole and is on that machine's disk when this returns.
    /// @return all of it, as it is then
    /// @throws IOException when that machine doesn't answer, or can't write
    /// @throws IllegalArgumentException when there would be too many entries
    Metadata change(NodeName node, Metadata.Change change) throws IOException, InterruptedException;

    /// Of one node: its own.
    interface Own {
        Metadata change(Metadata.Change change) throws IOException;
    }
}
