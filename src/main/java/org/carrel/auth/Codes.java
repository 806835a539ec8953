package org.carrel.auth;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.carrel.domain.session.SessionId;
import org.carrel.port.HandOverCodes;

/// Codes for sessions of this node, in memory: after a restart none of before holds. When there are too many, the
/// oldest go.
final class Codes implements HandOverCodes {
    static final Duration LIFE = Duration.ofSeconds(60);
    static final int MAX = 10_000;
    private static final int SEALED_MOST = 3_000;

    private final InstantSource clock;
    /// by digest, oldest first
    private final Map<String, Promise> promises = new LinkedHashMap<>();

    private record Promise(SessionId session, String challenge, String sealed, Instant expires) {}

    Codes(InstantSource clock) {
        this.clock = clock;
    }

    @Override
    public synchronized Optional<String> promise(SessionId session, String challenge, String sealed) {
        if (!Secrets.isWellFormed(challenge) || sealed.length() > SEALED_MOST) return Optional.empty();
        Instant now = clock.instant();
        promises.values().removeIf(it -> !now.isBefore(it.expires()));
        if (promises.size() >= MAX) promises.remove(promises.keySet().iterator().next());
        String code = Secrets.random();
        promises.put(Secrets.digest(code), new Promise(session, challenge, sealed, now.plus(LIFE)));
        return Optional.of(code);
    }

    @Override
    public synchronized Optional<String> redeem(SessionId session, String code, String challenge) {
        if (!Secrets.isWellFormed(code)) return Optional.empty();
        return Optional.ofNullable(promises.remove(Secrets.digest(code)))
                .filter(it -> clock.instant().isBefore(it.expires()))
                .filter(it -> it.session().equals(session))
                .filter(it -> Secrets.same(it.challenge(), challenge))
                .map(Promise::sealed);
    }
}
