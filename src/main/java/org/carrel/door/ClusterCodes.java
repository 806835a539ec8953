package org.carrel.door;

import java.io.IOException;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.Optional;
import org.carrel.domain.session.SessionId;
import org.carrel.port.HandOverCodes;
import org.carrel.port.Views;

/// Codes for any session of the cluster: at this node for its own, for all others at the node that owns them, through
/// its door.
public final class ClusterCodes implements HandOverCodes {
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final Views own;
    private final HandOverCodes here;
    private final Neighbours neighbours;
    private final PeerCalls calls;

    /// @param own of this node's agent
    public ClusterCodes(Views own, HandOverCodes here, Neighbours neighbours, PeerCalls calls) {
        this.own = own;
        this.here = here;
        this.neighbours = neighbours;
        this.calls = calls;
    }

    @Override
    public Optional<String> promise(SessionId session, String challenge, String sealed)
            throws IOException, InterruptedException {
        if (isHere(session)) return here.promise(session, challenge, sealed);
        return ask(session, Words.PROMISE, new Words.Promise(session.value(), challenge, sealed));
    }

    @Override
    public Optional<String> redeem(SessionId session, String code, String challenge)
            throws IOException, InterruptedException {
        if (isHere(session)) return here.redeem(session, code, challenge);
        return ask(session, Words.REDEEM, new Words.Redeem(session.value(), code, challenge));
    }

    private boolean isHere(SessionId session) {
        return own.current().session(session).isPresent();
    }

    private Optional<String> ask(SessionId session, String path, Object words)
            throws IOException, InterruptedException {
        Optional<SocketAddress> door = neighbours.holding(session);
        if (door.isEmpty()) return Optional.empty();
        return Optional.ofNullable(calls.call(door.get(), path, words, Words.MaybeText.class, PATIENCE)
                .text());
    }
}
