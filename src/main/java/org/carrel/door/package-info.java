/// The mutually authenticated port between nodes: other nodes' gateways reach this node's sessions and its agent
/// through it, and this node's gateway reaches theirs.
@org.jspecify.annotations.NullMarked
package org.carrel.door;
