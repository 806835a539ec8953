package org.carrel.place;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.carrel.domain.app.AppId;
import org.carrel.domain.node.Metadata;
import org.carrel.domain.node.NodeName;
import org.carrel.domain.node.ServiceNotes;
import org.carrel.domain.place.Copies;
import org.carrel.domain.place.Member;
import org.carrel.domain.place.Roster;
import org.carrel.domain.place.Wish;
import org.carrel.port.NodeMetadata;
import org.carrel.port.ServiceNodes;
import org.carrel.port.ServiceNodes.Look;
import org.carrel.port.ServiceNodes.State;
import org.carrel.port.Services.Step;
import org.carrel.port.Services.What;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One launch: asks every node what it is to run already, has surplus copies ended and missing ones started, each on
/// the
/// next candidate until one becomes ready. Whoever doesn't answer is said and not counted.
final class Launch {
    private static final Logger log = LoggerFactory.getLogger(Launch.class);
    private static final long LOOK_EVERY_MILLIS = 200;
    /// an installation of an hour, a start of an hour, and what lies between
    private static final Duration START_MOST = Duration.ofMinutes(125);
    private static final Duration STOP_MOST = Duration.ofSeconds(60);
    /// without an answer of a node that was there
    private static final Duration SILENCE_MOST = Duration.ofSeconds(30);

    private final AppId app;
    private final Wish wish;
    private final int wanted;
    private final Roster roster;
    private final NodeMetadata metadata;
    private final ServiceNodes nodes;
    private final StepFeed steps;
    private final Set<NodeName> silent = ConcurrentHashMap.newKeySet();

    Launch(Wish wish, int wanted, Roster roster, NodeMetadata metadata, ServiceNodes nodes, StepFeed steps) {
        this.app = wish.key().app();
        this.wish = wish;
        this.wanted = wanted;
        this.roster = roster;
        this.metadata = metadata;
        this.nodes = nodes;
        this.steps = steps;
    }

    void run() {
        try {
            Set<NodeName> running = running();
            Copies copies = Copies.of(roster, wish, running, wanted);
            int ended = inParallel(copies.surplus(), this::end);
            int begun = start(copies);
            int now = running.size() - ended + begun;
            String unsure = silent.isEmpty() ? "" : "; not counted, as it doesn't answer: " + names(silent);
            // who is to be without any must know that one may be left
            if (now == wanted && (wanted > 0 || silent.isEmpty()))
                say(What.DONE, "copies of " + app + ": " + now + unsure);
            else
                say(What.SHORT, "copies of " + app + ": " + now + " of " + wanted + whyShort(copies, running) + unsure);
            log.info("service launched app={} wanted={} copies={} begun={} ended={}", app, wanted, now, begun, ended);
        } catch (InterruptedException closing) {
            Thread.currentThread().interrupt();
            say(What.SHORT, "broken off: this node stops; launch it again at another one");
        } catch (RuntimeException broken) {
            log.error("launch broke app={}", app, broken);
            say(What.SHORT, "something broke here; look at this node's log");
        }
    }

    private static String names(Set<NodeName> nodes) {
        return nodes.stream().map(NodeName::value).sorted().collect(Collectors.joining(", "));
    }

    private String whyShort(Copies copies, Set<NodeName> running) {
        if (copies.candidates().size() >= copies.missing()) return "";
        List<String> why = Copies.hindrances(roster, wish, running);
        return why.isEmpty() ? "; there are no more machines" : "; " + String.join(", ", why);
    }

    /// Where it is to run already, as each node itself says now.
    private Set<NodeName> running() throws InterruptedException {
        Set<NodeName> running = ConcurrentHashMap.newKeySet();
        List<NodeName> all = roster.members().stream().map(Member::name).toList();
        inParallel(all, node -> {
            Optional<Metadata> said = change(node, Metadata.Change.NOTHING);
            if (said.isEmpty()) {
                silent.add(node);
                say(What.SILENT, node, "doesn't answer; if it runs a copy, that isn't counted");
            }
            if (said.map(ServiceNotes::wanted).orElse(Set.of()).contains(app)) running.add(node);
            return true;
        });
        return new HashSet<>(running);
    }

    private int start(Copies copies) throws InterruptedException {
        Queue<NodeName> candidates = new ConcurrentLinkedQueue<>(copies.candidates());
        List<Integer> places = new ArrayList<>();
        for (int i = 0; i < Math.min(copies.missing(), copies.candidates().size()); i++) places.add(i);
        return inParallel(places, place -> {
            for (NodeName node = candidates.poll(); node != null; node = candidates.poll())
                if (start(node)) return true;
            return false;
        });
    }

    private boolean start(NodeName node) throws InterruptedException {
        say(What.CHOSEN, node, "is to run " + app);
        Optional<String> failure =
                change(node, ServiceNotes.want(app)).isPresent() ? follow(node) : Optional.of("doesn't answer");
        if (failure.isEmpty()) return true;
        // the next one takes its place, so that it isn't tried here behind everybody's back
        boolean takenBack = change(node, ServiceNotes.wantNoMore(app)).isPresent();
        say(What.FAILED, node, failure.get() + (takenBack ? "" : "; it may still start there: look again"));
        return false;
    }

    /// @return why it didn't become ready
    private Optional<String> follow(NodeName node) throws InterruptedException {
        long deadline = System.nanoTime() + START_MOST.toNanos();
        long heard = System.nanoTime();
        long line = 0;
        while (System.nanoTime() < deadline) {
            try {
                Look look = nodes.look(node, app, line);
                heard = System.nanoTime();
                line = look.next();
                for (String said : look.output()) say(What.OUTPUT, node, said);
                if (look.state() == State.READY) {
                    say(
                            What.READY,
                            node,
                            "runs it" + look.copy().map(id -> " as " + id).orElse(""));
                    return Optional.empty();
                }
                if (look.state() == State.FAILED) return Optional.of(look.why());
                if (look.state() == State.OFF || look.state() == State.STOPPING)
                    return Optional.of("somebody else ended it there");
            } catch (IOException silent) {
                if (System.nanoTime() - heard > SILENCE_MOST.toNanos()) return Optional.of("doesn't answer any more");
            }
            TimeUnit.MILLISECONDS.sleep(LOOK_EVERY_MILLIS);
        }
        return Optional.of("was not ready in " + START_MOST.toMinutes() + " min");
    }

    private boolean end(NodeName node) throws InterruptedException {
        if (change(node, ServiceNotes.wantNoMore(app)).isEmpty()) {
            say(What.FAILED, node, "doesn't answer, and runs on");
            return false;
        }
        long deadline = System.nanoTime() + STOP_MOST.toNanos();
        while (System.nanoTime() < deadline && !isOff(node)) TimeUnit.MILLISECONDS.sleep(LOOK_EVERY_MILLIS);
        say(What.STOPPED, node, "runs it no more");
        return true;
    }

    private boolean isOff(NodeName node) throws InterruptedException {
        try {
            return nodes.look(node, app, 0).state() == State.OFF;
        } catch (IOException silent) {
            return false;
        }
    }

    /// @return empty when it doesn't answer, or refuses
    private Optional<Metadata> change(NodeName node, Metadata.Change change) throws InterruptedException {
        try {
            return Optional.of(metadata.change(node, change));
        } catch (IOException | IllegalArgumentException refused) {
            log.warn("service not changed node={} app={} cause=\"{}\"", node, app, refused.getMessage());
            return Optional.empty();
        }
    }

    private interface Task<T> {
        boolean of(T one) throws InterruptedException;
    }

    /// @return how many did well
    private static <T> int inParallel(List<T> all, Task<T> task) throws InterruptedException {
        AtomicInteger well = new AtomicInteger();
        List<Thread> threads = new ArrayList<>();
        for (T one : all)
            threads.add(Thread.ofVirtual().start(() -> {
                try {
                    if (task.of(one)) well.incrementAndGet();
                } catch (InterruptedException closing) {
                    Thread.currentThread().interrupt();
                }
            }));
        try {
            for (Thread thread : threads) thread.join();
        } catch (InterruptedException closing) {
            threads.forEach(Thread::interrupt);
            throw closing;
        }
        return well.get();
    }

    private void say(What what, String text) {
        steps.add(new Step(what, Optional.empty(), text));
    }

    private void say(What what, NodeName node, String text) {
        steps.add(new Step(what, Optional.of(node), text));
    }
}
