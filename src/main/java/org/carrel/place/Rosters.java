package org.carrel.place;

import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.carrel.domain.app.AppId;
import org.carrel.domain.node.Capacity;
import org.carrel.domain.node.NodeLoad;
import org.carrel.domain.node.NodeName;
import org.carrel.domain.node.Resources;
import org.carrel.domain.place.Member;
import org.carrel.domain.place.Member.Reach;
import org.carrel.domain.place.Roster;
import org.carrel.domain.session.Session;
import org.carrel.port.NodeFacts;
import org.carrel.port.OtherNode;
import org.carrel.port.View;
import org.carrel.port.Views;

/// Folds what this node knows of the members into what a placement wants to know. Decides nothing.
final class Rosters {
    private static final NodeLoad UNKNOWN = new NodeLoad(new Capacity(Resources.NONE, 0, 1), Resources.NONE, 0, 0, 0);

    private final Views views;
    private final Supplier<Set<AppId>> apps;
    private final Map<String, String> labels;
    private final InstantSource time;
    private final Map<NodeName, Instant> since = new HashMap<>();
    private View folded = View.EMPTY;
    private Set<AppId> had = Set.of();
    private Roster roster = new Roster(List.of());

    /// @param apps   this node has, whether or not they could start just now
    /// @param labels of this node
    /// @param time   steady
    Rosters(Views views, Supplier<Set<AppId>> apps, Map<String, String> labels, InstantSource time) {
        this.views = views;
        this.apps = apps;
        this.labels = Map.copyOf(labels);
        this.time = time;
    }

    /// The same object as long as nothing has changed.
    synchronized Roster current() {
        View view = views.current();
        Set<AppId> has = apps.get();
        if (view == folded && has.equals(had)) return roster;
        had = has;
        List<Member> members = new ArrayList<>();
        view.nodes().forEach(facts -> members.add(own(facts, view, has)));
        Set<NodeName> own = members.stream().map(Member::name).collect(Collectors.toSet());
        view.others().forEach((name, other) -> {
            if (!own.contains(name)) members.add(other(name, other));
        });
        since.keySet().retainAll(members.stream().map(Member::name).collect(Collectors.toSet()));
        folded = view;
        roster = new Roster(members);
        return roster;
    }

    private Member own(NodeFacts facts, View view, Set<AppId> has) {
        return new Member(
                facts.name(),
                Reach.UP,
                firstSeen(facts.name()),
                facts.draining(),
                has,
                labels,
                load(facts),
                Optional.of(view.sessions().values().stream()
                        .filter(session -> session.node().equals(facts.name()))
                        .filter(session -> session.state().isLive())
                        .map(Session::key)
                        .collect(Collectors.toSet())));
    }

    private Member other(NodeName name, OtherNode other) {
        Reach reach = reach(other.state());
        boolean leaves = other.state() == OtherNode.State.LEAVING;
        Instant since = firstSeen(name);
        return other.hint()
                .map(hint -> new Member(
                        name,
                        reach,
                        since,
                        leaves || hint.facts().draining(),
                        hint.apps(),
                        hint.labels(),
                        load(hint.facts()),
                        hint.sessionsLeftOut() > 0
                                ? Optional.empty()
                                : Optional.of(hint.sessions().stream()
                                        .map(OtherNode.SessionHint::key)
                                        .collect(Collectors.toSet()))))
                .orElseGet(() -> new Member(name, reach, since, leaves, Set.of(), Map.of(), UNKNOWN, Optional.empty()));
    }

    private Instant firstSeen(NodeName name) {
        return since.computeIfAbsent(name, it -> time.instant());
    }

    private static NodeLoad load(NodeFacts facts) {
        return new NodeLoad(facts.capacity(), facts.committed(), facts.sessions(), facts.starting(), facts.queued());
    }

    /// Whoever is about to come or go can be asked as well as the others.
    private static Reach reach(OtherNode.State state) {
        return switch (state) {
            case UP, JOINING, DRAINING, LEAVING -> Reach.UP;
            case SUSPECT -> Reach.SUSPECT;
            case UNREACHABLE -> Reach.UNREACHABLE;
        };
    }
}
