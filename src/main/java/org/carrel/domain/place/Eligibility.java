package org.carrel.domain.place;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// Whether a node may be asked to take a session. Room is no part of it: that the node knows better.
public final class Eligibility {
    private Eligibility() {}

    /// @return why not, as a part of a sentence that begins with the node's name; empty when it may
    public static Optional<String> of(Member member, Wish wish) {
        if (wish.chosen().filter(node -> !node.equals(member.name())).isPresent())
            return Optional.of("is not the machine that was chosen");
        if (wish.home() instanceof Home.Local(var home)
                && home.filter(node -> !node.equals(member.name())).isPresent())
            return Optional.of("is not where the files of " + wish.key().owner() + " are");
        if (!member.isUp()) return Optional.of("does not answer");
        if (member.draining()) return Optional.of("is being drained");
        if (!member.apps().contains(wish.key().app()))
            return Optional.of("does not have " + wish.key().app());
        for (Map.Entry<String, String> label : new TreeMap<>(wish.labels()).entrySet())
            if (!label.getValue().equals(member.labels().get(label.getKey())))
                return Optional.of("is not " + label.getKey() + "=" + label.getValue());
        if (!member.load().everFits(wish.demand())) return Optional.of("is too small for it even when empty");
        return Optional.empty();
    }

    /// Why no node at all is eligible.
    /// @return a sentence with the next step, naming at most three nodes
    static String whyNone(Roster roster, Wish wish) {
        List<String> reasons = roster.members().stream()
                .flatMap(member -> of(member, wish).map(why -> member.name() + " " + why).stream())
                .toList();
        String shown = String.join(", ", reasons.subList(0, Math.min(3, reasons.size())));
        String more = reasons.size() > 3 ? ", and so on for " + (reasons.size() - 3) + " others" : "";
        return "no machine can take " + wish.key().app() + " now: "
                + (reasons.isEmpty() ? "none is known" : shown + more)
                + "; look at the machines, or try again later";
    }
}
