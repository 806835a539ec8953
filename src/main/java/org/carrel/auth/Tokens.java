package org.carrel.auth;

import static org.carrel.domain.Require.require;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.carrel.api.Json;
import org.carrel.api.TokenAnswer;
import org.carrel.api.TokenInfo;
import org.carrel.domain.user.Scope;
import org.carrel.domain.user.UserId;

/// Bearer tokens: `carrel_` and 256 random bits. Kept as their SHA-256 only, so the file is of no use to who
/// reads it.
/// Every change is on disk before it is answered.
public final class Tokens {
    public static final String PREFIX = "carrel_";
    public static final int MAX_PER_USER = 100;
    public static final int MAX = 10_000;
    static final Duration SHORTEST = Duration.ofSeconds(60);
    static final Duration LONGEST = Duration.ofDays(365);
    private static final int LENGTH = PREFIX.length() + 43;

    private final Path file;
    private final InstantSource clock;
    private volatile Map<String, Stored> byDigest;
    private volatile long version;

    /// As in the file, one record for each token.
    /// @param digest SHA-256 of the token, base64url
    /// @param id     its first 12 characters
    @JsonIgnoreProperties(ignoreUnknown = true)
    record Stored(String digest, String user, List<String> scopes, Instant created, Instant expires) {
        String id() {
            return digest.substring(0, 12);
        }

        TokenInfo shown() {
            return new TokenInfo(id(), scopes, created, expires);
        }
    }

    @JsonIgnoreProperties(ignoreUnknown = true)
    record Content(List<Stored> tokens) {}

    private Tokens(Path file, InstantSource clock, Map<String, Stored> byDigest) {
        this.file = file;
        this.clock = clock;
        this.byDigest = byDigest;
    }

    /// @throws IOException when the file can't be read or is damaged; deleting it revokes all tokens
    public static Tokens open(Path file, InstantSource clock) throws IOException {
        Map<String, Stored> found = new HashMap<>();
        if (Files.exists(file)) {
            try {
                for (Stored token :
                        Json.readAnswer(StateFile.read(file), Content.class).tokens()) found.put(token.digest(), token);
            } catch (IOException | RuntimeException damaged) {
                throw new IOException(file + " can't be read; deleting it revokes all tokens", damaged);
            }
        }
        return new Tokens(file, clock, Map.copyOf(found));
    }

    /// @param scopes at least one; what the user loses later the token loses too
    /// @param life   from 60 s to 365 days
    /// Of a user's 100 tokens the one that would expire first gives way to the next.
    /// @throws IOException when it can't be written down, or there are 10,000 in all
    public synchronized TokenAnswer make(UserId user, Set<Scope> scopes, Duration life) throws IOException {
        require(!scopes.isEmpty(), "a token needs a scope");
        require(life.compareTo(SHORTEST) >= 0 && life.compareTo(LONGEST) <= 0, "a token lives from 60 s to 365 days");
        Instant now = clock.instant().truncatedTo(ChronoUnit.SECONDS);
        Map<String, Stored> next = unexpired();
        List<Stored> mine = next.values().stream()
                .filter(it -> it.user().equals(user.value()))
                .sorted(Comparator.comparing(Stored::expires))
                .toList();
        if (mine.size() >= MAX_PER_USER) next.remove(mine.getFirst().digest());
        if (next.size() >= MAX) throw new IOException("there are " + MAX + " tokens; revoke some first");
        String token = PREFIX + Secrets.random();
        List<String> words = scopes.stream().map(Scope::word).sorted().toList();
        String digest = Secrets.digest(token);
        next.put(digest, new Stored(digest, user.value(), words, now, now.plus(life)));
        write(next);
        return new TokenAnswer(token, now.plus(life), words);
    }

    public List<TokenInfo> list(UserId user) {
        return unexpired().values().stream()
                .filter(it -> it.user().equals(user.value()))
                .sorted(Comparator.comparing(Stored::created).thenComparing(Stored::digest))
                .map(Stored::shown)
                .toList();
    }

    /// @return false when this user has no such token
    public synchronized boolean revoke(UserId user, String id) throws IOException {
        Map<String, Stored> next = unexpired();
        if (!next.values().removeIf(it -> it.id().equals(id) && it.user().equals(user.value()))) return false;
        write(next);
        return true;
    }

    /// Whose token this is, and for what it was made. Never blocks.
    Optional<Holder> find(String token) {
        if (token.length() != LENGTH || !token.startsWith(PREFIX)) return Optional.empty();
        // looked up by digest, so the time of the search tells nothing about the token
        Stored found = byDigest.get(Secrets.digest(token));
        if (found == null || !clock.instant().isBefore(found.expires())) return Optional.empty();
        Set<Scope> scopes = found.scopes().stream()
                .flatMap(word -> Scope.of(word).stream())
                .collect(Collectors.toUnmodifiableSet());
        return Optional.of(new Holder(new UserId(found.user()), scopes, found.digest()));
    }

    /// neither revoked nor expired
    boolean isHeld(String digest) {
        Stored found = byDigest.get(digest);
        return found != null && clock.instant().isBefore(found.expires());
    }

    /// rises with every change, after it
    long version() {
        return version;
    }

    record Holder(UserId user, Set<Scope> scopes, String digest) {}

    private Map<String, Stored> unexpired() {
        Map<String, Stored> left = new HashMap<>(byDigest);
        Instant now = clock.instant();
        left.values().removeIf(it -> !now.isBefore(it.expires()));
        return left;
    }

    private void write(Map<String, Stored> next) throws IOException {
        StateFile.replace(file, Json.bytes(new Content(List.copyOf(next.values()))));
        byDigest = Map.copyOf(next);
        version++;
    }
}
