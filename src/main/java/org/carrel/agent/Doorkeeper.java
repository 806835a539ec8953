package org.carrel.agent;

import java.io.IOException;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.carrel.domain.app.App;
import org.carrel.domain.app.FrontRules;
import org.carrel.domain.app.Service;
import org.carrel.domain.kind.KindId;
import org.carrel.domain.session.ServiceKeys;
import org.carrel.domain.session.Session;
import org.carrel.domain.session.SessionId;
import org.carrel.domain.session.SessionState.Draining;
import org.carrel.domain.session.SessionState.Ended;
import org.carrel.domain.session.SessionState.Ready;
import org.carrel.domain.session.SessionState.Reserved;
import org.carrel.domain.session.SessionState.Starting;
import org.carrel.domain.session.Workload;
import org.carrel.domain.user.Principal;
import org.carrel.domain.user.Scope;
import org.carrel.kind.KindDriver;
import org.carrel.kind.KindDriver.Proof;
import org.carrel.port.Admission;
import org.carrel.port.Carrier;
import org.carrel.port.Catalogue;
import org.carrel.port.Greeted;
import org.carrel.port.Knock;
import org.carrel.port.Lease;
import org.carrel.port.Views;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Lets a session's owner in, and nobody else: administrators neither (rule R25). A service has no such owner; its
/// app's
/// audience is let in, and whoever isn't signed in where the app says so. Reads the present view; never waits.
final class Doorkeeper implements Admission {
    private static final Logger log = LoggerFactory.getLogger(Doorkeeper.class);

    private final Views views;
    private final Catalogue catalogue;
    private final Map<SessionId, Desk> desks;
    private final Map<KindId, KindDriver> kinds;
    private final InstantSource time;

    /// @param desks seen as they change
    Doorkeeper(
            Views views,
            Catalogue catalogue,
            Map<SessionId, Desk> desks,
            Map<KindId, KindDriver> kinds,
            InstantSource time) {
        this.views = views;
        this.catalogue = catalogue;
        this.desks = desks;
        this.kinds = kinds;
        this.time = time;
    }

    @Override
    public Verdict admit(Knock knock) {
        return views.current()
                .session(knock.session())
                .filter(session -> mayEnter(session, knock.by()))
                .filter(session -> understands(session, knock.kind()))
                .map(session -> open(session, knock.by()))
                .orElseGet(Verdict.Absent::new);
    }

    private boolean mayEnter(Session session, Principal by) {
        if (session.owner().equals(by.user())) return true;
        if (!ServiceKeys.isService(session.key())) return false;
        Optional<App> app = catalogue.find(session.app()).map(Catalogue.Entry::app);
        Optional<Service> service = app.flatMap(App::service);
        if (service.isEmpty()) return false;
        if (service.get().anonymous()) return true;
        return !by.user().cannotSignIn()
                && by.may(Scope.USE)
                && app.get().audience().includes(by);
    }

    private boolean understands(Session session, Knock.Traffic traffic) {
        KindDriver driver = kinds.get(session.kind());
        return traffic == Knock.Traffic.TCP
                || driver == null
                || driver.greeting().isEmpty();
    }

    private Verdict open(Session session, Principal by) {
        return switch (session.state()) {
            case Reserved reserved -> new Verdict.NotYet(session);
            case Starting starting -> new Verdict.NotYet(session);
            case Ready(var workload) -> open(session, workload, by);
            case Draining(var workload, var deadline, var because) -> new Verdict.Gone(because);
            case Ended(var end, var at) -> new Verdict.Gone(end);
        };
    }

    private Verdict open(Session session, Workload workload, Principal by) {
        Desk desk = desks.get(session.id());
        KindDriver driver = kinds.get(session.kind());
        // ready without either can only be a race with its end
        if (desk == null || driver == null) return new Verdict.Absent();
        try {
            Optional<Proof> proof = driver.proof(desk.record().served(), time.instant());
            return new Verdict.Open(
                    new Carrier.Near(workload.endpoint()),
                    driver.rules(),
                    proof.map(Proof::inject).orElse(desk.record().inject()),
                    new DeskLease(session.id(), by, desk),
                    driver.greeting().map(greeting -> new Greeted(greeting.bytes(), connectionsMost(session))),
                    proof.map(Proof::fresh));
        } catch (IOException unproved) {
            log.error("user can't be signed on session={} cause=\"{}\"", session.id(), unproved.getMessage());
            return new Verdict.Unreachable("you can't be signed on there: " + unproved.getMessage());
        }
    }

    private int connectionsMost(Session session) {
        return catalogue
                .find(session.app())
                .flatMap(entry -> entry.app().service())
                .flatMap(Service::front)
                .map(FrontRules::connections)
                .orElse(FrontRules.DEFAULT_CONNECTIONS);
    }

    private final class DeskLease implements Lease {
        private final SessionId id;
        private final Principal by;
        private final Desk desk;
        private final AtomicInteger open = new AtomicInteger();
        private final AtomicBoolean closed = new AtomicBoolean();

        DeskLease(SessionId id, Principal by, Desk desk) {
            this.id = id;
            this.by = by;
            this.desk = desk;
        }

        @Override
        public void sawInput(long bytes) {
            if (bytes > 0) desk.used(time.instant());
        }

        @Override
        public void connections(int change) {
            if (closed.get()) return;
            open.addAndGet(change);
            desk.connections(change);
        }

        @Override
        public boolean stillAllowed() {
            return !closed.get()
                    && views.current()
                            .session(id)
                            .filter(session -> mayEnter(session, by) && session.state() instanceof Ready)
                            .isPresent();
        }

        @Override
        public void close() {
            if (closed.compareAndSet(false, true)) desk.connections(-open.getAndSet(0));
        }
    }
}
