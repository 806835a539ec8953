package org.carrel.port;

import java.io.IOException;
import org.carrel.domain.node.NodeName;

/// Takes machines out of use, and into use again: no new sessions there; the present ones go on.
public interface Drains {
    /// @throws IOException when that machine doesn't answer
    void drain(NodeName node, boolean on) throws IOException, InterruptedException;
}
