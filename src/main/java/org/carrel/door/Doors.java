package org.carrel.door;

import java.io.IOException;
import java.net.InetSocketAddress;
import org.carrel.domain.member.Candidate;
import org.carrel.domain.node.NodeId;
import org.carrel.domain.node.NodeName;
import org.carrel.port.OtherNode;
import org.carrel.port.Views;

/// Where the doors of the cluster's members are.
final class Doors {
    private final Views members;

    Doors(Views members) {
        this.members = members;
    }

    record Found(NodeId node, InetSocketAddress door) {}

    /// @throws IOException when it is no member, or has not said yet where it is
    Found of(NodeName name) throws IOException {
        OtherNode node = members.current().others().get(name);
        if (node == null || node.hint().isEmpty()) throw new IOException("it is not known where " + name + " is");
        Candidate at = node.hint().get().door();
        return new Found(node.id(), new InetSocketAddress(at.host(), at.port()));
    }
}
