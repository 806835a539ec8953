package org.carrel.domain.member;

import static org.carrel.domain.Require.require;

import java.util.Optional;
import org.carrel.domain.node.NodeId;
import org.carrel.domain.node.NodeName;

/// What a node says of its place in the cluster when it is asked, or when it asks.
/// @param cluster the name of the cluster it belongs to
/// @param address of its membership, host:port, at most 300 characters
/// @param run     of this run of its membership: after a restart it is another
/// @param door    where it can be asked
/// @param island  it is a member of; empty while it looks for one
public record Claim(
        NodeId node,
        NodeName name,
        String cluster,
        String address,
        String run,
        Candidate door,
        Optional<Island> island) {
    public Claim {
        require(cluster.length() <= 40 && !address.isEmpty() && address.length() <= 300, "not an address: too long");
        require(run.length() <= 64, "a run has at most 64 characters");
    }

    /// this run, apart from the one before at the same address
    public String self() {
        return address + "#" + run;
    }
}
