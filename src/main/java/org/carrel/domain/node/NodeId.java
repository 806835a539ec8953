package org.carrel.domain.node;

import java.util.HexFormat;
import java.util.regex.Pattern;
import org.carrel.domain.Require;

/// The identity of a node: random, made once, bound to its machine. Survives a changed name and a changed address.
/// @param value 16 hex digits: 64 random bits
public record NodeId(String value) implements Comparable<NodeId> {
    private static final Pattern SHAPE = Pattern.compile("[0-9a-f]{16}");

    public NodeId {
        Require.matching(SHAPE, value, "the id of a node");
    }

    /// @param random 8 random bytes
    public static NodeId of(byte[] random) {
        Require.require(random.length == 8, "the id of a node needs 8 random bytes");
        return new NodeId(HexFormat.of().formatHex(random));
    }

    @Override
    public int compareTo(NodeId other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
