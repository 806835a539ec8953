package org.carrel.domain.place;

import org.carrel.domain.node.NodeName;
import org.carrel.domain.session.Session;

/// How a placement ended.
public sealed interface Outcome {
    /// @param session as its node said
    /// @param isNew   this request has begun it; else the key had it already
    record Placed(NodeName node, Session session, boolean isNew) implements Outcome {}

    /// Nothing was begun, and waiting would not help.
    /// @param why a sentence with the next step
    record Nowhere(String why) implements Outcome {}

    /// The user has called it off, or is gone.
    record GivenUp(String why) implements Outcome {}
}
