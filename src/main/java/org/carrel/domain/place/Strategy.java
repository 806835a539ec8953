package org.carrel.domain.place;

import java.util.Comparator;
import java.util.List;
import org.carrel.domain.node.NodeLoad;
import org.carrel.domain.node.NodeName;
import org.carrel.domain.node.Resources;

/// Which of the candidates that have room is asked first.
public interface Strategy {
    /// @param load as the node itself said just now
    record Offer(NodeName node, NodeLoad load) {}

    /// The least filled: the default.
    Strategy SPREAD = (offers, demand) -> sorted(offers, least(demand));

    /// The fewest sessions, whatever their size; those on their way count.
    Strategy FEWEST_SESSIONS = (offers, demand) ->
            sorted(offers, Comparator.comparingInt(offer -> offer.load().live()));

    /// The fullest below the high-water mark, so that elastic nodes drain empty; spread while anything is being
    /// started, because starts on one node trample each other.
    Strategy PACK = (offers, demand) -> {
        boolean quiet = offers.stream()
                .allMatch(offer -> offer.load().starting() + offer.load().queued() == 0);
        return quiet ? sorted(offers, fullestFirst(demand)) : sorted(offers, least(demand));
    };

    /// In millionths of a node's capacity.
    long HIGH_WATER = 900_000;

    /// @param offers in the order of the key; it decides between equals
    /// @return the same, the best one first
    List<Offer> ranked(List<Offer> offers, Resources demand);

    private static Comparator<Offer> least(Resources demand) {
        return Comparator.comparingLong(offer -> offer.load().fillWith(demand));
    }

    private static Comparator<Offer> fullestFirst(Resources demand) {
        return Comparator.comparingLong((Offer offer) -> {
            long fill = offer.load().fillWith(demand);
            return fill <= HIGH_WATER ? -fill : fill;
        });
    }

    private static List<Offer> sorted(List<Offer> offers, Comparator<Offer> by) {
        return offers.stream().sorted(by).toList();
    }
}
