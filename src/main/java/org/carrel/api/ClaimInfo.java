package org.carrel.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.carrel.domain.member.Candidate;
import org.carrel.domain.member.Claim;
import org.carrel.domain.member.Island;
import org.carrel.domain.node.NodeId;
import org.carrel.domain.node.NodeName;
import org.jspecify.annotations.Nullable;

/// A claim as two nodes say it to each other.
/// @param island absent while it looks for one
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ClaimInfo(
        String node,
        String name,
        String cluster,
        String address,
        String run,
        String door,
        @Nullable IslandInfo island) {
    /// most bytes of one in JSON
    public static final int BYTES_MOST = 128 << 10;

    public record IslandInfo(String id, int reachable, String oldest, List<String> members) {}

    public static ClaimInfo of(Claim claim) {
        return new ClaimInfo(
                claim.node().value(),
                claim.name().value(),
                claim.cluster(),
                claim.address(),
                claim.run(),
                claim.door().toString(),
                claim.island()
                        .map(island -> new IslandInfo(
                                island.id(),
                                island.reachable(),
                                island.oldest(),
                                island.members().stream().sorted().toList()))
                        .orElse(null));
    }

    /// @throws IllegalArgumentException when it makes no sense
    public Claim claim() {
        try {
            return new Claim(
                    new NodeId(node),
                    new NodeName(name),
                    cluster,
                    address,
                    run,
                    Candidate.of(door),
                    Optional.ofNullable(island)
                            .map(it -> new Island(it.id(), it.reachable(), it.oldest(), Set.copyOf(it.members()))));
        } catch (NullPointerException missing) {
            throw new IllegalArgumentException("a field of the claim is missing", missing);
        }
    }
}
