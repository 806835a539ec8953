package org.carrel.domain.idle;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.carrel.domain.idle.IdleVerdict.Keep;
import org.carrel.domain.idle.IdleVerdict.Stop;
import org.carrel.domain.idle.IdleVerdict.Warn;

/// Decides whether a session goes on, and says why. The first line that fits decides:
///
/// | when | verdict |
/// |---|---|
/// | older than `maxLife` | stop, even in use; warned before |
/// | no `after` | keep |
/// | its program works, or it computes | keep |
/// | unused for `after` | stop, even with pages open |
/// | unused for `after` less `warning` | warn |
/// | else | keep |
///
/// Unused is counted from the last input, the last work and the start, whichever came last: so nobody finds a session
/// stopped in the moment in which its long computation ended.
public final class IdlePolicy {
    /// of one core. Above what an idle R or Jupyter uses for its own housekeeping (under 2 %), below what a computation
    /// gets on a crowded machine.
    public static final double COMPUTING_PERCENT = 10;

    private IdlePolicy() {}

    /// Whether it is doing something for its user although nobody types.
    public static boolean isBusy(boolean working, double cpuPercent) {
        return working || cpuPercent >= COMPUTING_PERCENT;
    }

    /// @param now only to turn what is left into a time of day
    public static IdleVerdict judge(IdleRule rule, Signals signals, Instant now) {
        Optional<IdleVerdict> byAge = byAge(rule, signals, now);
        if (byAge.isPresent()) return byAge.get();
        Instant lifeEnds =
                rule.maxLife().map(life -> now.plus(life.minus(signals.age()))).orElse(Instant.MAX);
        if (rule.after().isEmpty()) return new Keep("it is never stopped for being idle", lifeEnds);
        if (signals.working()) return new Keep("it is working", lifeEnds);
        if (signals.cpuPercent() >= COMPUTING_PERCENT)
            return new Keep("it is computing: " + Math.round(signals.cpuPercent()) + " % of a core", lifeEnds);
        return byUse(rule, rule.after().get(), signals, now, lifeEnds);
    }

    private static Optional<IdleVerdict> byAge(IdleRule rule, Signals signals, Instant now) {
        if (rule.maxLife().isEmpty()) return Optional.empty();
        Duration life = rule.maxLife().get();
        Duration left = life.minus(signals.age());
        if (!left.isPositive()) return Optional.of(new Stop("it has reached its longest life, " + words(life)));
        if (left.compareTo(notice(life, rule)) <= 0)
            return Optional.of(
                    new Warn("it reaches its longest life, " + words(life) + ", in " + words(left), now.plus(left)));
        return Optional.empty();
    }

    private static IdleVerdict byUse(IdleRule rule, Duration after, Signals signals, Instant now, Instant lifeEnds) {
        Duration unused = least(signals.sinceInput(), signals.sinceBusy(), signals.age());
        Duration left = after.minus(unused);
        String pages = signals.connections() == 0
                ? ""
                : signals.connections() == 1
                        ? ", though a page is open"
                        : ", though " + signals.connections() + " pages are open";
        String unusedFor = "nobody has used it for " + words(unused) + pages;
        if (!left.isPositive()) return new Stop(unusedFor);
        Instant stopsAt = now.plus(left);
        if (left.compareTo(notice(after, rule)) <= 0) return new Warn(unusedFor, stopsAt);
        Instant ends = stopsAt.isBefore(lifeEnds) ? stopsAt : lifeEnds;
        if (unused.equals(signals.sinceInput())) return new Keep("it was used " + ago(unused), ends);
        if (unused.equals(signals.sinceBusy()) && unused.compareTo(signals.age()) < 0)
            return new Keep("it worked " + ago(unused), ends);
        return new Keep("it started " + ago(unused), ends);
    }

    /// A warning longer than half of the whole would leave hardly a moment without one.
    private static Duration notice(Duration whole, IdleRule rule) {
        Duration half = whole.dividedBy(2);
        return rule.warning().compareTo(half) < 0 ? rule.warning() : half;
    }

    private static Duration least(Duration... durations) {
        Duration least = durations[0];
        for (Duration duration : durations) if (duration.compareTo(least) < 0) least = duration;
        return least.isNegative() ? Duration.ZERO : least;
    }

    private static String ago(Duration duration) {
        return duration.toSeconds() < 10 ? "just now" : words(duration) + " ago";
    }

    /// Two units at most: `2 h`, `1 h 55 min`, `3 d 4 h`, `40 s`.
    static String words(Duration duration) {
        long seconds = Math.max(1, duration.toSeconds());
        if (seconds < 60) return seconds + " s";
        long minutes = seconds / 60;
        if (minutes < 60) return minutes + " min";
        long hours = minutes / 60;
        if (hours < 48) return hours + " h" + (minutes % 60 == 0 ? "" : " " + minutes % 60 + " min");
        return hours / 24 + " d" + (hours % 24 == 0 ? "" : " " + hours % 24 + " h");
    }
}
