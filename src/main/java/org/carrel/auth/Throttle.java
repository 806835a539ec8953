package org.carrel.auth;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.carrel.domain.user.UserId;

/// Slows down who guesses passwords: for each user and for each address some attempts are free, then each one
/// doubles
/// the wait, up to a minute, so that nobody can shut a user out for long. Forgotten after 15 quiet minutes.
///
/// An attempt counts when it begins, so that many at once don't slip through.
final class Throttle {
    static final int FREE_PER_USER = 5;
    static final int FREE_PER_ADDRESS = 20;
    static final Duration LONGEST_WAIT = Duration.ofSeconds(60);
    static final Duration MEMORY = Duration.ofMinutes(15);
    static final int MAX_KEYS = 20_000;

    private final InstantSource clock;
    private final Map<String, Tries> tries = new LinkedHashMap<>(64, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Tries> eldest) {
            return size() > MAX_KEYS;
        }
    };

    /// @param open from when on the next attempt may begin
    private record Tries(int count, Instant last, Instant open) {}

    Throttle(InstantSource clock) {
        this.clock = clock;
    }

    /// @return how long to wait; empty: go on, and the attempt is counted
    synchronized Optional<Duration> attempt(UserId user, InetAddress address) {
        Instant now = clock.instant();
        String byUser = "user " + user;
        String byAddress = "from " + network(address);
        Duration wait = longer(left(byUser, now), left(byAddress, now));
        if (wait.isPositive()) return Optional.of(wait);
        count(byUser, FREE_PER_USER, now);
        count(byAddress, FREE_PER_ADDRESS, now);
        return Optional.empty();
    }

    /// The attempt was right: this user is believed again, and the address gets its one attempt back.
    synchronized void succeeded(UserId user, InetAddress address) {
        tries.remove("user " + user);
        tries.computeIfPresent(
                "from " + network(address), (_, it) -> new Tries(Math.max(0, it.count() - 1), it.last(), it.last()));
    }

    private Duration left(String key, Instant now) {
        Tries found = tries.get(key);
        return found == null ? Duration.ZERO : Duration.between(now, found.open());
    }

    private void count(String key, int free, Instant now) {
        Tries before = tries.get(key);
        boolean forgotten = before == null || before.last().plus(MEMORY).isBefore(now);
        int count = before == null || forgotten ? 1 : before.count() + 1;
        Duration wait = count < free ? Duration.ZERO : waitAfter(count - free);
        tries.put(key, new Tries(count, now, now.plus(wait)));
    }

    /// 1 s, 2 s, 4 s, … 60 s
    static Duration waitAfter(int extra) {
        long seconds = extra >= 6 ? LONGEST_WAIT.toSeconds() : 1L << extra;
        return Duration.ofSeconds(Math.min(seconds, LONGEST_WAIT.toSeconds()));
    }

    /// One household or machine has a whole /64 of version 6.
    private static String network(InetAddress address) {
        byte[] bytes = address.getAddress();
        return HexFormat.of().formatHex(address instanceof Inet6Address ? Arrays.copyOf(bytes, 8) : bytes);
    }

    private static Duration longer(Duration one, Duration other) {
        return one.compareTo(other) >= 0 ? one : other;
    }
}
