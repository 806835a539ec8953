package org.carrel.agent;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.carrel.domain.idle.IdleRule;
import org.carrel.domain.kind.KindId;
import org.carrel.domain.node.NodeName;
import org.carrel.domain.node.Resources;
import org.carrel.domain.session.End;
import org.carrel.domain.session.Endpoint;
import org.carrel.domain.session.Handle;
import org.carrel.domain.session.Session;
import org.carrel.domain.session.SessionId;
import org.carrel.domain.session.SessionKey;
import org.carrel.domain.session.SignOn;
import org.carrel.http.Header;
import org.carrel.kind.KindDriver.Probe;
import org.carrel.kind.KindDriver.Secret;
import org.carrel.kind.KindDriver.Served;

/// What must be known of a session to find it, serve it and stop it after any restart. Whatever its app says later, it
/// is served by what stands here.
/// @param endpoint     where it listens, or will
/// @param inject       headers the gateway sets on every request; may be secret
/// @param signOn       where its server asks for proof of its user
/// @param startTimeout from launch to the first true answer
/// @param handle       from the moment it was launched
/// @param readyAt      when it first answered
/// @param end          why it is being stopped, or ended
/// @param endedAt      when it was known to be gone
record SessionRecord(
        SessionId id,
        SessionKey key,
        KindId kind,
        Resources demand,
        NodeName node,
        Instant since,
        Endpoint endpoint,
        Secret secret,
        List<Header> inject,
        Probe probe,
        Optional<SignOn> signOn,
        IdleRule idle,
        Duration startTimeout,
        Optional<Handle> handle,
        Optional<Instant> readyAt,
        Optional<End> end,
        Optional<Instant> endedAt) {
    SessionRecord {
        inject = List.copyOf(inject);
    }

    SessionRecord launched(Handle launched) {
        return with(Optional.of(launched), readyAt, end, endedAt);
    }

    SessionRecord ready(Instant at) {
        return with(handle, Optional.of(at), end, endedAt);
    }

    SessionRecord stopping(End because) {
        return with(handle, readyAt, Optional.of(because), endedAt);
    }

    SessionRecord ended(End how, Instant at) {
        return with(handle, readyAt, Optional.of(how), Optional.of(at));
    }

    Served served() {
        return new Served(endpoint, secret, signOn);
    }

    private SessionRecord with(
            Optional<Handle> nextHandle, Optional<Instant> ready, Optional<End> nextEnd, Optional<Instant> ended) {
        return new SessionRecord(
                id,
                key,
                kind,
                demand,
                node,
                since,
                endpoint,
                secret,
                inject,
                probe,
                signOn,
                idle,
                startTimeout,
                nextHandle,
                ready,
                nextEnd,
                ended);
    }

    Session in(org.carrel.domain.session.SessionState state) {
        return new Session(id, key, kind, demand, node, since, state);
    }
}
