package org.carrel.domain.idle;

import static org.carrel.domain.Require.require;

import java.time.Duration;

/// What is known of a session's use at one moment. Everything an idle decision may depend on is here.
/// @param age         since it was ready
/// @param sinceInput  since the last byte *from the user* (control frames, polls and pings don't count)
/// @param connections open connections of users' pages
/// @param working     its program says that it computes (a busy kernel, an executing R)
/// @param cpuPercent  of one core, over the whole process tree, over the last sample; 0 when not known yet
/// @param sinceBusy   since it was last seen working or computing (`IdlePolicy.isBusy`); its age when never
public record Signals(
        Duration age, Duration sinceInput, int connections, boolean working, double cpuPercent, Duration sinceBusy) {
    public Signals {
        require(connections >= 0 && cpuPercent >= 0, "counts can't be negative");
    }

    /// Never seen busy.
    public Signals(Duration age, Duration sinceInput, int connections, boolean working, double cpuPercent) {
        this(age, sinceInput, connections, working, cpuPercent, age);
    }
}
