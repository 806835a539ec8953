/// Ports where services are reached that don't speak HTTP: one connection of a client, one of a copy, on whichever
/// node.
///
/// ```
/// client -> Front: from an allowed address? room?  -> else closed, or told that nothing is available
///        -> a ready copy with the fewest of our connections -> lease -> Reach (door): greeted within 5 s, or another
///        -> all have as many as they may: in line, first come first served, for as long as the front waits
///        -> QapStream both ways: bytes pass untouched, commands that would end the server don't
/// ```
@org.jspecify.annotations.NullMarked
package org.carrel.front;
