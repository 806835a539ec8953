package org.carrel.door;

import java.io.IOException;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.carrel.domain.session.ServiceKeys;
import org.carrel.domain.user.Principal;
import org.carrel.domain.user.Scope;
import org.carrel.http.Header;
import org.carrel.port.Admission;
import org.carrel.port.Carrier;
import org.carrel.port.Knock;

/// The gate to any session of the cluster: this node's agent decides about its own, for all others the agent that owns
/// them, through its door. Nothing is decided here.
public final class ClusterAdmission implements Admission, AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final Admission here;
    private final Neighbours neighbours;
    private final PeerCalls calls;
    private final LeaseReports reports;

    public ClusterAdmission(Admission here, Neighbours neighbours, PeerCalls calls) {
        this.here = here;
        this.neighbours = neighbours;
        this.calls = calls;
        this.reports = new LeaseReports(calls);
    }

    @Override
    public Verdict admit(Knock knock) throws InterruptedException {
        Verdict own = here.admit(knock);
        if (!(own instanceof Verdict.Absent)) return own;
        Optional<SocketAddress> door = neighbours.holding(knock.session());
        return door.isEmpty() ? own : ask(door.get(), knock);
    }

    private Verdict ask(SocketAddress door, Knock knock) throws InterruptedException {
        Words.Admit words = new Words.Admit(
                knock.session().value(),
                knock.by().user().value(),
                List.copyOf(knock.by().groups()),
                knock.kind().name().toLowerCase(Locale.ROOT));
        try {
            Words.Admitted said = calls.call(door, Words.ADMIT, words, Words.Admitted.class, PATIENCE);
            return switch (said.verdict()) {
                case "open" -> open(door, knock, said);
                case "not-yet" -> new Verdict.NotYet(Wire.session(Wire.must(said.session(), "session")));
                case "gone" -> new Verdict.Gone(Wire.end(Wire.must(said.end(), "end")));
                default -> new Verdict.Absent();
            };
        } catch (IOException | IllegalArgumentException unreached) {
            return new Verdict.Unreachable("its machine doesn't answer: " + unreached.getMessage());
        }
    }

    private Verdict open(SocketAddress door, Knock knock, Words.Admitted said) {
        List<Header> inject = Wire.must(said.inject(), "inject").stream()
                .map(field -> new Header(field.name(), field.value()))
                .toList();
        return new Verdict.Open(
                new Carrier.Far(door, atTheDoor(knock)),
                Wire.rules(Wire.must(said.rules(), "rules")),
                inject,
                reports.hold(door, Wire.must(said.lease(), "lease")),
                Optional.empty(),
                Optional.ofNullable(said.freshSeconds()).map(Duration::ofSeconds));
    }

    /// A preface names a user and no groups. Where those let somebody into a service, its agent has said so just now,
    /// and
    /// this gateway, which is believed about who its users are, asks on from there in the name of the service.
    private Knock atTheDoor(Knock knock) {
        return neighbours
                .current()
                .session(knock.session())
                .filter(session -> ServiceKeys.isService(session.key()))
                .map(session -> new Principal(session.owner(), Set.of(), Set.of(Scope.USE)))
                .map(service -> new Knock(knock.session(), service, knock.kind()))
                .orElse(knock);
    }

    @Override
    public void close() {
        reports.close();
    }
}
