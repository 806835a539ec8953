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
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.carrel.api.Json;
import org.carrel.api.TokenAnswer;
import org.carrel.api.TokenInfo;
import org.carrel.domain.user.Scope;
import org.carrel.domain.user.UserId;
import org.carrel.port.SharedProofs.Fact;
import org.jspecify.annotations.Nullable;

/// Bearer tokens: `carrel_` and 256 random bits. Kept as their SHA-256 only, so the file is of no use to who
/// reads it.
/// Every change is on disk before it is answered, and told to the other nodes of a cluster: a token holds at each.
public final class Tokens {
    public static final String PREFIX = "carrel_";
    public static final int MAX_PER_USER = 100;
    public static final int MAX = 10_000;
    static final int MAX_REVOKED = 20_000;
    static final Duration SHORTEST = Duration.ofSeconds(60);
    static final Duration LONGEST = Duration.ofDays(365);
    private static final Pattern DIGEST = Pattern.compile("[A-Za-z0-9_-]{43}");
    private static final int LENGTH = PREFIX.length() + 43;

    private final Path file;
    private final InstantSource clock;
    private final ProofLog log;
    private volatile Map<String, Stored> byDigest;
    /// until they would have expired, so that no other node brings them back
    private Map<String, Stored> revoked;
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
    record Content(List<Stored> tokens, @Nullable List<Stored> revoked) {}

    private Tokens(
            Path file, InstantSource clock, ProofLog log, Map<String, Stored> byDigest, Map<String, Stored> revoked) {
        this.file = file;
        this.clock = clock;
        this.log = log;
        this.byDigest = byDigest;
        this.revoked = revoked;
        byDigest.values().forEach(it -> tell(it, false));
        revoked.values().forEach(it -> tell(it, true));
    }

    /// @throws IOException when the file can't be read or is damaged; deleting it revokes all tokens
    static Tokens open(Path file, InstantSource clock, ProofLog log) throws IOException {
        if (Files.exists(file)) {
            Map<String, Stored> found = new HashMap<>();
            Map<String, Stored> revoked = new HashMap<>();
            try {
                Content content = Json.readAnswer(StateFile.read(file), Content.class);
                for (Stored token : content.tokens()) found.put(token.digest(), token);
                for (Stored token : Objects.requireNonNullElse(content.revoked(), List.<Stored>of()))
                    revoked.put(token.digest(), token);
                return new Tokens(file, clock, log, Map.copyOf(found), Map.copyOf(revoked));
            } catch (IOException | RuntimeException damaged) {
                throw new IOException(file + " can't be read; deleting it revokes all tokens", damaged);
            }
        }
        return new Tokens(file, clock, log, Map.of(), Map.of());
    }

    /// @param scopes at least one; what the user loses later the token loses too
    /// @param life   from 60 s to 365 days
    /// Of a user's 100 tokens the one that would expire first gives way to the next.
    /// @throws IOException when it can't be written down, or there are 10,000 in all
    public synchronized TokenAnswer make(UserId user, Set<Scope> scopes, Duration life) throws IOException {
        require(!scopes.isEmpty(), "a token needs a scope");
        require(life.compareTo(SHORTEST) >= 0 && life.compareTo(LONGEST) <= 0, "a token lives from 60 s to 365 days");
        Instant now = clock.instant().truncatedTo(ChronoUnit.SECONDS);
        Map<String, Stored> next = unexpired(byDigest);
        Map<String, Stored> gone = unexpired(revoked);
        List<Stored> mine = next.values().stream()
                .filter(it -> it.user().equals(user.value()))
                .sorted(Comparator.comparing(Stored::expires))
                .toList();
        if (mine.size() >= MAX_PER_USER)
            for (Stored first : mine.subList(0, mine.size() - MAX_PER_USER + 1)) {
                next.remove(first.digest());
                gone.put(first.digest(), first);
            }
        if (next.size() >= MAX) throw new IOException("there are " + MAX + " tokens; revoke some first");
        String token = PREFIX + Secrets.random();
        List<String> words = scopes.stream().map(Scope::word).sorted().toList();
        String digest = Secrets.digest(token);
        next.put(digest, new Stored(digest, user.value(), words, now, now.plus(life)));
        write(next, gone);
        return new TokenAnswer(token, now.plus(life), words);
    }

    public List<TokenInfo> list(UserId user) {
        return unexpired(byDigest).values().stream()
                .filter(it -> it.user().equals(user.value()))
                .sorted(Comparator.comparing(Stored::created).thenComparing(Stored::digest))
                .map(Stored::shown)
                .toList();
    }

    /// @return false when this user has no such token
    public synchronized boolean revoke(UserId user, String id) throws IOException {
        Map<String, Stored> next = unexpired(byDigest);
        Map<String, Stored> gone = unexpired(revoked);
        List<Stored> meant = next.values().stream()
                .filter(it -> it.id().equals(id) && it.user().equals(user.value()))
                .toList();
        for (Stored each : meant) {
            next.remove(each.digest());
            gone.put(each.digest(), each);
        }
        if (!meant.isEmpty()) write(next, gone);
        return !meant.isEmpty();
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

    /// What another node told. Those beyond `MAX` are left out.
    /// @param ended revoked there: they hold nowhere, also when another node doesn't know it yet
    synchronized void learn(List<Stored> made, List<Stored> ended) throws IOException {
        Map<String, Stored> next = unexpired(byDigest);
        Map<String, Stored> gone = unexpired(revoked);
        Instant now = clock.instant();
        boolean news = false;
        for (Stored each : ended) {
            if (!now.isBefore(each.expires())) continue;
            news |= gone.putIfAbsent(each.digest(), each) == null;
            news |= next.remove(each.digest()) != null;
        }
        for (Stored each : made) {
            if (!now.isBefore(each.expires()) || gone.containsKey(each.digest())) continue;
            if (next.size() < MAX) news |= next.putIfAbsent(each.digest(), each) == null;
        }
        if (news) write(next, gone);
    }

    /// @throws IllegalArgumentException when it can't be one of ours
    static Stored stored(Fact.Token told) {
        require(DIGEST.matcher(told.digest()).matches(), "no digest of a token");
        require(!told.expires().isAfter(told.created().plus(LONGEST)), "a token lives for 365 days at most");
        List<String> words = told.scopes().stream()
                .filter(it -> Scope.of(it).isPresent())
                .sorted()
                .toList();
        return new Stored(told.digest(), told.user().value(), words, told.created(), told.expires());
    }

    private void tell(Stored token, boolean ended) {
        Fact.Token fact = new Fact.Token(
                token.digest(),
                new UserId(token.user()),
                Set.copyOf(token.scopes()),
                token.created(),
                token.expires(),
                ended);
        log.put("token " + token.digest(), token.expires(), _ -> fact);
    }

    private Map<String, Stored> unexpired(Map<String, Stored> of) {
        Map<String, Stored> left = new HashMap<>(of);
        Instant now = clock.instant();
        left.values().removeIf(it -> !now.isBefore(it.expires()));
        return left;
    }

    /// @param gone when there are too many, those that expire first are forgotten
    private void write(Map<String, Stored> next, Map<String, Stored> gone) throws IOException {
        while (gone.size() > MAX_REVOKED) gone.remove(firstToExpire(gone).digest());
        StateFile.replace(file, Json.bytes(new Content(List.copyOf(next.values()), List.copyOf(gone.values()))));
        Map<String, Stored> before = byDigest;
        Map<String, Stored> goneBefore = revoked;
        byDigest = Map.copyOf(next);
        revoked = Map.copyOf(gone);
        version++;
        for (Stored each : goneBefore.values())
            if (!gone.containsKey(each.digest())) log.remove("token " + each.digest());
        for (Stored each : before.values()) if (!next.containsKey(each.digest())) log.remove("token " + each.digest());
        for (Stored each : gone.values()) if (!goneBefore.containsKey(each.digest())) tell(each, true);
        for (Stored each : next.values()) if (!before.containsKey(each.digest())) tell(each, false);
    }

    private static Stored firstToExpire(Map<String, Stored> of) {
        return of.values().stream().min(Comparator.comparing(Stored::expires)).orElseThrow();
    }
}
