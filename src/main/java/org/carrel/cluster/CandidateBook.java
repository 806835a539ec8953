package org.carrel.cluster;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.carrel.domain.member.Candidate;
import org.carrel.domain.member.Claim;
import org.carrel.domain.member.Island;
import org.carrel.domain.member.Knowledge.Asked;
import org.carrel.domain.member.Knowledge.Heard;

/// Everybody who may be another node, and what came of asking them. Safe for any thread.
///
/// Those the administrator named, and those who have proved themselves, always have their place. The rest
/// is what anybody on the network may say: at most 256, the newest in place of the oldest that never
/// answered.
final class CandidateBook {
    static final int STRANGERS_MOST = 256;
    static final int KNOWN_MOST = 1_000;

    private static final class Entry {
        boolean named;
        boolean known;
        boolean proved;
        boolean pending;
        int silences;
        Optional<Long> askedAt = Optional.empty();

        boolean isStranger() {
            return !named && !known && !proved;
        }
    }

    /// Words further apart are not one and the same.
    private static final long APART_MOST = Duration.ofSeconds(15).toNanos();

    /// @param since the same members have been named
    private record Word(Claim claim, long at, long since) {}

    private final Map<Candidate, Entry> entries = new LinkedHashMap<>();
    private final Map<String, Word> words = new HashMap<>();
    private long newestAt = System.nanoTime();
    private long turnedAway;

    /// By the administrator: these and no others are named from now on.
    synchronized void name(List<Candidate> named) {
        Set<Candidate> all = new HashSet<>(named);
        entries.forEach((candidate, entry) -> entry.named = all.contains(candidate));
        for (Candidate candidate : named) if (hasRoom()) add(candidate).named = true;
    }

    /// From before the restart.
    synchronized void remember(List<Candidate> doors) {
        for (Candidate candidate : doors) if (hasRoom()) add(candidate).known = true;
    }

    /// Anybody may have said so.
    synchronized void hearOf(Candidate candidate) {
        if (entries.containsKey(candidate)) return;
        List<Candidate> strangers = new ArrayList<>();
        entries.forEach((other, entry) -> {
            if (entry.isStranger() && !entry.pending) strangers.add(other);
        });
        if (strangers.size() >= STRANGERS_MOST) {
            turnedAway++;
            entries.remove(strangers.getFirst());
        }
        add(candidate);
    }

    private boolean hasRoom() {
        return entries.size() < KNOWN_MOST + STRANGERS_MOST;
    }

    private Entry add(Candidate candidate) {
        return entries.computeIfAbsent(candidate, _ -> {
            newestAt = System.nanoTime();
            return new Entry();
        });
    }

    synchronized void asking(Candidate candidate) {
        Entry entry = entries.get(candidate);
        if (entry == null) return;
        entry.pending = true;
        entry.askedAt = Optional.of(System.nanoTime());
    }

    /// @param claim what was answered; empty: nothing
    synchronized void answered(Candidate candidate, Optional<Claim> claim) {
        Entry entry = entries.get(candidate);
        if (entry != null) {
            entry.pending = false;
            entry.silences = claim.isPresent() ? 0 : entry.silences + 1;
            if (claim.isPresent()) entry.proved = true;
        }
        claim.ifPresent(this::write);
    }

    /// By somebody who proved to be a node.
    synchronized void asked(Claim asker) {
        write(asker);
        if (entries.containsKey(asker.door()) || !hasRoom()) return;
        add(asker.door()).proved = true;
    }

    /// Something has changed for those who did not answer: they are asked again soon.
    synchronized void forgetSilences() {
        entries.values().forEach(entry -> entry.silences = 0);
    }

    private void write(Claim claim) {
        if (words.size() >= KNOWN_MOST && !words.containsKey(claim.address())) return;
        long now = System.nanoTime();
        Word last = words.get(claim.address());
        long since = now;
        if (last != null && now - last.at() <= APART_MOST && members(claim).equals(members(last.claim())))
            since = last.since();
        words.put(claim.address(), new Word(claim, now, since));
    }

    private static Optional<Set<String>> members(Claim claim) {
        return claim.island().map(Island::members);
    }

    /// since the last new one came up
    synchronized Duration quiet() {
        return Duration.ofNanos(System.nanoTime() - newestAt);
    }

    /// @param without their doors: members need not be asked
    synchronized Map<Candidate, Asked> candidates(Set<Candidate> without) {
        long now = System.nanoTime();
        Map<Candidate, Asked> all = new HashMap<>();
        entries.forEach((candidate, entry) -> {
            if (!without.contains(candidate))
                all.put(
                        candidate,
                        new Asked(
                                entry.known,
                                entry.silences,
                                entry.askedAt.map(at -> Duration.ofNanos(now - at)),
                                entry.pending));
        });
        return all;
    }

    synchronized Map<String, Heard> heard() {
        long now = System.nanoTime();
        words.values().removeIf(word -> now - word.at() > Duration.ofMinutes(10).toNanos());
        Map<String, Heard> all = new HashMap<>();
        words.forEach((address, word) -> all.put(
                address,
                new Heard(word.claim(), Duration.ofNanos(now - word.at()), Duration.ofNanos(now - word.since()))));
        return all;
    }

    /// candidates that lost their place to newer ones, so far
    synchronized long turnedAway() {
        return turnedAway;
    }
}
