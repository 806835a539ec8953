package org.carrel.door;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.carrel.domain.idle.IdleVerdict;
import org.carrel.domain.session.SessionId;
import org.carrel.door.Words.SampleWords;
import org.carrel.port.Sample;
import org.jspecify.annotations.Nullable;

/// What another node last observed of its sessions. It tells the last of it; what came before is kept here.
final class FarSamples {
    private static final int HISTORY_MOST = 60;
    private static final int PROJECT_MOST = 200;

    private FarSamples() {}

    static Map<String, SampleWords> words(Map<SessionId, Sample> samples) {
        Map<String, SampleWords> words = new HashMap<>();
        samples.forEach((id, sample) -> words.put(id.value(), words(sample)));
        return words;
    }

    private static SampleWords words(Sample sample) {
        Optional<Instant> stopsAt = switch (sample.verdict()) {
            case IdleVerdict.Keep keep -> Optional.of(keep.stopsAt()).filter(at -> !at.equals(Instant.MAX));
            case IdleVerdict.Warn warn -> Optional.of(warn.stopsAt());
            case IdleVerdict.Stop stop -> Optional.empty();
        };
        String verdict = switch (sample.verdict()) {
            case IdleVerdict.Keep keep -> "keep";
            case IdleVerdict.Warn warn -> "warn";
            case IdleVerdict.Stop stop -> "stop";
        };
        return new SampleWords(
                sample.cpuPercent(),
                sample.memoryBytes(),
                sample.connections(),
                sample.lastInput(),
                verdict,
                sample.verdict().reason(),
                stopsAt.orElse(null),
                sample.project().orElse(null));
    }

    /// @param told   null: nothing was asked for
    /// @param before what was known of the same node
    /// @param its    the sessions it has: of others it has nothing to tell
    static Map<SessionId, Sample> heard(
            @Nullable Map<String, SampleWords> told, Map<SessionId, Sample> before, Set<SessionId> its) {
        if (told == null) return before;
        Map<SessionId, Sample> heard = new HashMap<>();
        told.forEach((text, words) -> {
            SessionId id = new SessionId(text);
            if (its.contains(id)) heard.put(id, sample(words, Optional.ofNullable(before.get(id))));
        });
        return Map.copyOf(heard);
    }

    private static Sample sample(SampleWords words, Optional<Sample> before) {
        return new Sample(
                words.cpuPercent(),
                words.memoryBytes(),
                grown(before.map(Sample::cpuHistory).orElse(List.of()), words.cpuPercent()),
                grown(before.map(Sample::memoryHistory).orElse(List.of()), words.memoryBytes()),
                words.connections(),
                words.lastInput(),
                verdict(words),
                Optional.ofNullable(words.project()).filter(it -> it.length() <= PROJECT_MOST));
    }

    private static IdleVerdict verdict(SampleWords words) {
        Instant stopsAt = Optional.ofNullable(words.stopsAt()).orElse(Instant.MAX);
        return switch (words.verdict()) {
            case "keep" -> new IdleVerdict.Keep(words.reason(), stopsAt);
            case "warn" -> new IdleVerdict.Warn(words.reason(), stopsAt);
            case "stop" -> new IdleVerdict.Stop(words.reason());
            default -> throw new IllegalArgumentException("a verdict that is not known here");
        };
    }

    private static <T> List<T> grown(List<T> history, T next) {
        List<T> grown = new ArrayList<>(history);
        grown.add(next);
        return grown.subList(Math.max(0, grown.size() - HISTORY_MOST), grown.size());
    }
}
