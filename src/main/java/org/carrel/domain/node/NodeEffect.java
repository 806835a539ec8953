package org.carrel.domain.node;

import java.util.Optional;
import org.carrel.domain.app.App;
import org.carrel.domain.session.Session;
import org.carrel.domain.session.SessionId;
import org.carrel.domain.session.Workload;

/// What the shell is to do after a step. What comes of it returns as a `NodeEvent`.
public sealed interface NodeEffect {
    /// Journal the intent, launch, journal the handle; report `Launched` or `NotLaunched`.
    record Launch(Session session, App app) implements NodeEffect {}

    /// Ask until it answers or its deadline has passed; report `Answered`, `NeverAnswered` or `Gone`.
    record Probe(Session session, Workload workload) implements NodeEffect {}

    /// It answers: make that durable.
    record Keep(Session session) implements NodeEffect {}

    /// Stop it in the manner of its kind; report `Gone` when nothing of it runs any more.
    /// @param hard the polite way was tried before and took too long
    record Stop(Session session, Workload workload, boolean hard) implements NodeEffect {}

    /// It has ended: remove what it left behind and make the end durable. Nothing to report.
    record Clean(Session session, Optional<Workload> workload) implements NodeEffect {}

    /// A launch reported after it had been given up: kill what it launched. Nothing to report.
    record Discard(SessionId id, Workload workload) implements NodeEffect {}

    /// Nobody needs to know of it any more: its log and record may go.
    record Forget(SessionId id) implements NodeEffect {}
}
