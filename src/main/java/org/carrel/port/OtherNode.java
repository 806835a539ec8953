package org.carrel.port;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.carrel.domain.app.AppId;
import org.carrel.domain.member.Candidate;
import org.carrel.domain.node.NodeId;
import org.carrel.domain.node.NodeName;
import org.carrel.domain.session.SessionId;
import org.carrel.domain.session.SessionKey;

/// Another node of the cluster, as this one sees it.
/// @param address of its membership, host:port
/// @param phi     empty where this node doesn't watch that one; each is watched by nine others at most
/// @param hint    what it last said of itself; empty when nothing has come yet
public record OtherNode(NodeId id, NodeName name, String address, State state, Optional<Phi> phi, Optional<Hint> hint) {

    public enum State {
        /// heard of, and not yet known to all
        JOINING,
        UP,
        /// up, and wants no new sessions
        DRAINING,
        /// some say that it is silent; nothing new is placed there
        SUSPECT,
        /// silent for all who watch it. It stays in the list until it is back or is forgotten: its
        /// sessions may live
        UNREACHABLE,
        /// about to go, by its own wish
        LEAVING;

        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }

        /// whether something new may be placed there
        public boolean takesSessions() {
            return this == UP;
        }
    }

    /// How surprising its silence is. Source: Hayashibara et al., "The phi accrual failure detector",
    /// SRDS 2004.
    /// @param value   at most 100
    /// @param silence since its last heartbeat
    public record Phi(double value, double threshold, Duration silence) {}

    /// What a node said of itself, some time ago. Never the truth of the moment: only its agent decides.
    /// @param door            where its agent and its sessions are reached
    /// @param apps            it can run
    /// @param sessions        live ones
    /// @param watches         phi of those it watches
    /// @param sessionsLeftOut there are so many more than it could say
    /// @param roles           words
    /// @param homes           digest of the users' homes it knows of
    /// @param heard           by this node's clock
    public record Hint(
            NodeFacts facts,
            Candidate door,
            Map<String, String> labels,
            Set<AppId> apps,
            List<SessionHint> sessions,
            int sessionsLeftOut,
            Map<NodeId, Double> watches,
            Set<String> roles,
            String homes,
            Instant heard) {
        public Hint {
            labels = Map.copyOf(labels);
            apps = Set.copyOf(apps);
            sessions = List.copyOf(sessions);
            watches = Map.copyOf(watches);
            roles = Set.copyOf(roles);
        }
    }

    /// @param state one word, as in the API; the list may grow
    public record SessionHint(SessionId id, SessionKey key, String state, Instant since) {}
}
