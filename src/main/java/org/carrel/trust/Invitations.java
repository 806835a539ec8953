package org.carrel.trust;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// The tokens this node has given out, without their secrets. Each is good for one machine, for its time; used and old
/// ones are remembered for a day, so that it can be said what is wrong with one. A restart forgets all. Any thread.
public final class Invitations {
    /// alive at once
    static final int MOST = 20;
    /// remembered together
    static final int KNOWN_MOST = 200;

    public static final Duration LIFE_LEAST = Duration.ofMinutes(1);
    public static final Duration LIFE_MOST = Duration.ofHours(24);
    private static final Duration REMEMBERED = Duration.ofDays(1);
    private static final int SECRET_BYTES = 16;
    private static final int ID_BYTES = 4;

    public enum Answer {
        GOOD,
        /// never given out here, or its secret is another
        UNKNOWN,
        USED,
        OLD
    }

    private static final class Given {
        final byte[] digest;
        final Instant expires;
        final Set<Role> roles;
        boolean used;

        Given(byte[] digest, Instant expires, Set<Role> roles) {
            this.digest = digest;
            this.expires = expires;
            this.roles = Set.copyOf(roles);
        }
    }

    private final String fingerprint;
    private final InstantSource time;
    private final SecureRandom random = new SecureRandom();
    private final Map<String, Given> given = new LinkedHashMap<>();

    /// @param fingerprint of the cluster, for the tokens
    Invitations(String fingerprint, InstantSource time) {
        this.fingerprint = fingerprint;
        this.time = time;
    }

    /// @param life  from `LIFE_LEAST` to `LIFE_MOST`
    /// @param roles that the machine may have, at least one
    /// @param doors where it is to be shown
    /// @return empty when too many are alive
    public synchronized Optional<JoinToken> make(Duration life, Set<Role> roles, List<String> doors) {
        if (roles.isEmpty()) throw new IllegalArgumentException("a node needs a role");
        if (life.compareTo(LIFE_LEAST) < 0 || life.compareTo(LIFE_MOST) > 0)
            throw new IllegalArgumentException("a token holds from 1 minute to 24 hours");
        Instant now = time.instant();
        forget(now);
        long alive = given.values().stream()
                .filter(it -> !it.used && now.isBefore(it.expires))
                .count();
        if (alive >= MOST || given.size() >= KNOWN_MOST) return Optional.empty();
        String id = hex(ID_BYTES);
        String secret = hex(SECRET_BYTES);
        Instant expires = now.plus(life);
        given.put(id, new Given(digest(secret), expires, roles));
        return Optional.of(new JoinToken(fingerprint, id, secret, expires, doors));
    }

    /// Whoever gets `GOOD` has used it up: nobody gets it again.
    public synchronized Answer redeem(String id, String secret) {
        Instant now = time.instant();
        forget(now);
        Given known = given.get(id);
        if (known == null || !MessageDigest.isEqual(known.digest, digest(secret))) return Answer.UNKNOWN;
        if (known.used) return Answer.USED;
        if (!now.isBefore(known.expires)) return Answer.OLD;
        known.used = true;
        return Answer.GOOD;
    }

    /// What the machine with this token may be; nothing when it was never given out here.
    synchronized Set<Role> roles(String id) {
        Given known = given.get(id);
        return known == null ? Set.of() : known.roles;
    }

    /// Whether anybody was invited in the last day: else nobody who has no certificate is even heard.
    public synchronized boolean isAnyKnown() {
        forget(time.instant());
        return !given.isEmpty();
    }

    private void forget(Instant now) {
        for (Map.Entry<String, Given> one : new ArrayList<>(given.entrySet()))
            if (now.isAfter(one.getValue().expires.plus(REMEMBERED))) given.remove(one.getKey());
    }

    private String hex(int bytes) {
        byte[] drawn = new byte[bytes];
        random.nextBytes(drawn);
        return HexFormat.of().formatHex(drawn);
    }

    private static byte[] digest(String secret) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(secret.getBytes(StandardCharsets.UTF_8));
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible); // every Java has SHA-256
        }
    }
}
