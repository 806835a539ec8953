package org.carrel.domain.place;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.carrel.domain.node.NodeAnswer.Report;
import org.carrel.domain.node.NodeName;
import org.carrel.domain.session.Session;
import org.carrel.domain.session.SessionState;

/// What the answers to one round of looks mean.
final class Survey {
    private Survey() {}

    /// @param session of the key, at this node
    record Held(NodeName node, Session session) {
        boolean isReady() {
            return session.state() instanceof SessionState.Ready;
        }
    }

    /// A node with room.
    /// @param epoch of the node
    record Room(NodeName node, long epoch) {}

    /// Who has the session of the key. Of several, after a partition, one where it is ready.
    static Optional<Held> holder(Map<NodeName, Report> reports) {
        return reports.entrySet().stream()
                .flatMap(entry -> entry.getValue().holds().map(session -> new Held(entry.getKey(), session)).stream())
                .min(Comparator.comparing((Held held) -> !held.isReady())
                        .thenComparing(held -> held.node().value()));
    }

    /// Those without an answer whom there is reason to think holders of the key. All of them are, where another asker
    /// may
    /// have begun it unknown to this one's registrar: each of the two hears of the other from any node that answers
    /// both, so more than half must answer of those that are thought to.
    /// @param unsure nodes where a reservation may be under way
    static List<NodeName> silentHolders(Placing.Phase.Asking asking, Roster roster, Wish wish, Set<NodeName> unsure) {
        boolean doubtful = asking.given().unsettled()
                || asking.reports().values().stream().anyMatch(Report::contested)
                || !isMostHeard(asking, roster);
        List<NodeName> hinted = roster.hintedHolders(wish.key());
        return asking.asked().stream()
                .filter(node -> !asking.reports().containsKey(node))
                .filter(node -> doubtful
                        || asking.given().holder().filter(node::equals).isPresent()
                        || hinted.contains(node)
                        || unsure.contains(node))
                .sorted(Comparator.comparing(NodeName::value))
                .toList();
    }

    private static boolean isMostHeard(Placing.Phase.Asking asking, Roster roster) {
        List<NodeName> up = asking.asked().stream().filter(roster::isUp).toList();
        long heard = up.stream().filter(asking.reports()::containsKey).count();
        return up.isEmpty() || 2 * heard > up.size();
    }

    /// Those of the three that have room, the best one first.
    static List<Room> ranked(List<NodeName> three, Map<NodeName, Report> reports, Wish wish) {
        List<Strategy.Offer> offers = new ArrayList<>();
        Map<NodeName, Room> rooms = new LinkedHashMap<>();
        for (NodeName node : three) {
            Report report = reports.get(node);
            if (report == null
                    || !report.room()
                    || report.draining()
                    || report.obstacle().isPresent()) continue;
            offers.add(new Strategy.Offer(node, report.load()));
            rooms.put(node, new Room(node, report.epoch()));
        }
        return wish.strategy().ranked(offers, wish.demand()).stream()
                .flatMap(offer -> Optional.ofNullable(rooms.get(offer.node())).stream())
                .toList();
    }

    /// Where waiting would not help.
    /// @return what stands in the way, when something does on every candidate
    static Optional<String> obstacle(List<NodeName> candidates, Map<NodeName, Report> reports) {
        List<String> obstacles = candidates.stream()
                .flatMap(node -> Optional.ofNullable(reports.get(node)).stream())
                .flatMap(report -> report.obstacle().stream())
                .toList();
        return obstacles.isEmpty() || obstacles.size() < candidates.size()
                ? Optional.empty()
                : Optional.of(obstacles.getFirst());
    }

    /// The place in line: at the candidate where it is best. 1 is next.
    static int position(List<NodeName> candidates, Map<NodeName, Report> reports) {
        int best = Integer.MAX_VALUE;
        for (NodeName node : candidates) {
            Report report = reports.get(node);
            if (report != null && !report.draining() && report.obstacle().isEmpty())
                best = Math.min(best, report.before());
        }
        return best == Integer.MAX_VALUE ? 1 : best + 1;
    }

    /// Whether a candidate is said to have room that was said to have none before.
    static boolean roomAppeared(Roster before, Roster now, Wish wish) {
        return now.candidates(wish).stream()
                .anyMatch(node -> seemsToFit(now, node, wish) && !seemsToFit(before, node, wish));
    }

    private static boolean seemsToFit(Roster roster, NodeName node, Wish wish) {
        return roster.member(node)
                .filter(member -> Eligibility.of(member, wish).isEmpty())
                .filter(member -> member.load().fits(wish.demand()))
                .isPresent();
    }
}
