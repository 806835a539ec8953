package org.carrel.agent;

import java.time.Instant;
import org.carrel.domain.idle.IdleRule;
import org.carrel.domain.idle.IdleVerdict;
import org.carrel.domain.idle.Signals;

/// Stands in for the idle policy of the domain until that lands: keeps everything.
final class UntilIdlePolicy {
    private UntilIdlePolicy() {}

    static IdleVerdict judge(IdleRule rule, Signals signals, Instant now) {
        return new IdleVerdict.Keep("idle rules are not in force yet", Instant.MAX);
    }
}
