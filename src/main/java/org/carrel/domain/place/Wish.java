package org.carrel.domain.place;

import java.util.Map;
import java.util.Optional;
import org.carrel.domain.node.NodeName;
import org.carrel.domain.node.Resources;
import org.carrel.domain.session.SessionKey;

/// What is to be placed, and what is asked of its node.
/// @param demand what it is counted with
/// @param labels a node must have all of them, with these values
/// @param chosen the machine the user picked; no other will do
public record Wish(
        SessionKey key,
        Resources demand,
        Map<String, String> labels,
        Optional<NodeName> chosen,
        Home home,
        Strategy strategy) {
    public Wish {
        labels = Map.copyOf(labels);
    }

    /// Anywhere, spread.
    public static Wish of(SessionKey key, Resources demand) {
        return new Wish(key, demand, Map.of(), Optional.empty(), new Home.Shared(), Strategy.SPREAD);
    }

    public Wish on(NodeName node) {
        return new Wish(key, demand, labels, Optional.of(node), home, strategy);
    }

    public Wish with(Home other) {
        return new Wish(key, demand, labels, chosen, other, strategy);
    }

    public Wish with(Strategy other) {
        return new Wish(key, demand, labels, chosen, home, other);
    }

    public Wish needing(Map<String, String> others) {
        return new Wish(key, demand, others, chosen, home, strategy);
    }
}
