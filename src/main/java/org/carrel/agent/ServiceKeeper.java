package org.carrel.agent;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.carrel.domain.app.App;
import org.carrel.domain.app.AppId;
import org.carrel.domain.app.Service;
import org.carrel.domain.node.Metadata;
import org.carrel.domain.node.ServiceNotes;
import org.carrel.domain.session.End;
import org.carrel.domain.session.ServiceKeys;
import org.carrel.domain.session.Session;
import org.carrel.domain.session.SessionKey;
import org.carrel.domain.session.SessionState;
import org.carrel.http.Feed;
import org.carrel.http.RequestId;
import org.carrel.port.Begun;
import org.carrel.port.Catalogue;
import org.carrel.port.ServiceNodes;
import org.carrel.port.ServiceNodes.Look;
import org.carrel.port.ServiceNodes.State;
import org.carrel.port.View;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Keeps those services running that this node's metadata names and those of which its settings say how many each node
/// has, and ends all others. There is nothing else to be told: what was written down before a crash is carried out
/// after it. A copy is a session like any other.
final class ServiceKeeper implements ServiceNodes.Own, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(ServiceKeeper.class);
    private static final Duration LOOK_EVERY = Duration.ofMillis(250);
    /// while this node has none; the metadata that names the first one is shown by a view
    private static final Duration REST = Duration.ofSeconds(5);

    private final Agent agent;
    private final MetadataFile metadata;
    private final Catalogue catalogue;
    private final Map<String, String> labels;
    private final Path logs;
    private final Map<SessionKey, ServiceCopy> copies = new ConcurrentHashMap<>();
    private final Thread thread;

    /// @param labels of this node
    /// @param logs   where the output of installations is kept
    ServiceKeeper(Agent agent, MetadataFile metadata, Catalogue catalogue, Map<String, String> labels, Path logs) {
        this.agent = agent;
        this.metadata = metadata;
        this.catalogue = catalogue;
        this.labels = Map.copyOf(labels);
        this.logs = logs;
        this.thread = Thread.ofVirtual().name("agent services").unstarted(this::run);
    }

    void open() {
        if (metadata.wasLost()) wantWhatRuns();
        thread.start();
    }

    /// What was written down is lost: then what runs is what is wanted.
    private void wantWhatRuns() {
        Set<AppId> running = new HashSet<>();
        for (SessionKey key : live(agent.current()).keySet()) if (!isOfEachNode(key.app())) running.add(key.app());
        if (running.isEmpty()) return;
        try {
            agent.change(ServiceNotes.want(running));
            log.warn("services kept as they run, since the metadata was lost apps={}", running);
        } catch (IOException e) {
            log.error("services can't be remembered apps={} cause=\"{}\"", running, e.toString());
        }
    }

    private void run() {
        try (Feed<View> views = agent.follow()) {
            while (!views.ended()) {
                try {
                    look();
                } catch (RuntimeException broken) {
                    log.error("services could not be looked after", broken);
                }
                views.next(copies.isEmpty() ? REST : LOOK_EVERY);
            }
        } catch (InterruptedException closing) {
            Thread.currentThread().interrupt();
        }
    }

    private void look() throws InterruptedException {
        View view = agent.current();
        Set<SessionKey> wanted = wanted();
        for (Session session : live(view).values())
            if (!wanted.contains(session.key()) && !(session.state() instanceof SessionState.Draining))
                agent.stop(session.id(), new End.Stopped("an administrator, with all copies or this one"));
        forgetUnwanted();
        Map<SessionKey, Session> newest = newest(view);
        for (SessionKey key : wanted)
            copies.computeIfAbsent(key, it -> new ServiceCopy(it, new OnThisNode()))
                    .step(Optional.ofNullable(newest.get(key)), catalogue.find(key.app()));
    }

    private Set<SessionKey> wanted() {
        Metadata notes = metadata.present();
        Set<SessionKey> wanted = new LinkedHashSet<>();
        for (AppId app : ServiceNotes.wanted(notes)) wanted.add(ServiceKeys.of(app, agent.name()));
        for (Catalogue.Entry entry : catalogue.entries())
            for (int number = 1; number <= perNode(entry.app(), notes); number++)
                wanted.add(ServiceKeys.of(entry.app().id(), agent.name(), number));
        return wanted;
    }

    private int perNode(App app, Metadata notes) {
        if (ServiceNotes.isOff(notes, app.id())) return 0;
        boolean hasLabels = labels.entrySet().containsAll(app.needs().entrySet());
        return hasLabels ? app.service().map(Service::perNode).orElse(0) : 0;
    }

    private boolean isOfEachNode(AppId app) {
        return catalogue
                .find(app)
                .flatMap(entry -> entry.app().service())
                .filter(service -> service.perNode() > 0)
                .isPresent();
    }

    /// To be called whenever the metadata has changed, so that what is wanted again begins anew.
    void forgetUnwanted() {
        Set<SessionKey> gone = new HashSet<>(copies.keySet());
        gone.removeAll(wanted());
        for (SessionKey key : gone) Optional.ofNullable(copies.remove(key)).ifPresent(ServiceCopy::close);
    }

    private static Map<SessionKey, Session> live(View view) {
        return view.sessions().values().stream()
                .filter(session ->
                        ServiceKeys.isService(session.key()) && session.state().isLive())
                .collect(Collectors.toMap(Session::key, Function.identity(), (one, other) -> one));
    }

    /// The live session of each copy, else the one begun last.
    private static Map<SessionKey, Session> newest(View view) {
        Map<SessionKey, Session> newest = new HashMap<>();
        view.sessions().values().stream()
                .filter(session -> ServiceKeys.isService(session.key()))
                .sorted(Comparator.comparing(
                                (Session session) -> session.state().isLive())
                        .thenComparing(Session::since))
                .forEach(session -> newest.put(session.key(), session));
        return newest;
    }

    @Override
    public Look look(AppId app, long from) {
        SessionKey first = ServiceKeys.of(app, agent.name());
        ServiceCopy copy = copies.get(first);
        if (copy != null) return copy.look(from);
        // not looked at yet, or not wanted
        boolean wanted = wanted().contains(first);
        Optional<Session> left = Optional.ofNullable(live(agent.current()).get(first));
        return new Look(state(wanted, left), "", left.map(Session::id), List.of(), from);
    }

    private static State state(boolean wanted, Optional<Session> live) {
        if (!wanted) return live.isPresent() ? State.STOPPING : State.OFF;
        return live.filter(session -> session.state() instanceof SessionState.Ready)
                        .isPresent()
                ? State.READY
                : State.STARTING;
    }

    @Override
    public void close() {
        thread.interrupt();
        copies.values().forEach(ServiceCopy::close);
        try {
            thread.join(Duration.ofSeconds(5));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private final class OnThisNode implements ServiceCopy.Node {
        @Override
        public Begun begin(SessionKey key) throws InterruptedException {
            return agent.begin(key, new RequestId("service-" + Means.newId()));
        }

        @Override
        public boolean isInstalled(App app) {
            String digest = Installation.digest(app.service().orElseThrow().install());
            return ServiceNotes.installed(metadata.present(), app.id())
                    .filter(digest::equals)
                    .isPresent();
        }

        @Override
        public void installed(App app, String digest) throws IOException {
            agent.change(ServiceNotes.installed(app.id(), digest));
        }

        @Override
        public Installation install(App app) {
            return Installation.begin(app, app.service().orElseThrow().install(), logs);
        }
    }
}
