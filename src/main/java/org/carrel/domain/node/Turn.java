package org.carrel.domain.node;

import java.util.Comparator;

/// The right to begin sessions of one key, as its registrar gave it out. Turns of a key have an order, whoever gave
/// them: a node that has seen one takes no reservation of an earlier one.
/// @param number above all that the registrar gave before, and above the one the asker had
/// @param by     the registrar
/// @param epoch  of the registrar, so that none is given out twice
public record Turn(long number, NodeName by, long epoch) implements Comparable<Turn> {
    private static final Comparator<Turn> ORDER = Comparator.comparingLong(Turn::number)
            .thenComparing(turn -> turn.by().value())
            .thenComparingLong(Turn::epoch);

    @Override
    public int compareTo(Turn other) {
        return ORDER.compare(this, other);
    }
}
