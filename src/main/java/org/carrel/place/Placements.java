package org.carrel.place;

import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.carrel.domain.app.AppId;
import org.carrel.domain.node.NodeName;
import org.carrel.domain.place.Member;
import org.carrel.domain.place.Outcome;
import org.carrel.domain.place.PeerCall;
import org.carrel.domain.place.PeerReply;
import org.carrel.domain.place.PlacingEvent;
import org.carrel.domain.place.Roster;
import org.carrel.domain.place.Stage;
import org.carrel.domain.place.Strategy;
import org.carrel.domain.place.Wish;
import org.carrel.domain.session.SessionKey;
import org.carrel.domain.user.UserId;
import org.carrel.http.RequestId;
import org.carrel.port.Begun;
import org.carrel.port.Catalogue;
import org.carrel.port.Homes;
import org.carrel.port.NodeMetadata;
import org.carrel.port.PlaceAnswers;
import org.carrel.port.PlaceCalls;
import org.carrel.port.ServiceNodes;
import org.carrel.port.Start;
import org.carrel.port.Starts;
import org.carrel.port.Views;

/// The placements of this node's gateway: one for each request that is under way or waits.
public final class Placements implements Starts, AutoCloseable {
    /// At once; each is a virtual thread and a few kilobytes.
    static final int MOST = 4096;
    /// Of them, those that ask around at the same moment; the others wait for some milliseconds.
    static final int ASKING_MOST = 8;
    /// of one user
    static final int OF_USER_MOST = 64;
    /// In which a session begins, if nothing is in its way.
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    /// The same on a node that has just started; less than clients wait for an answer.
    private static final Duration JOINING = Duration.ofSeconds(20);
    /// After which somebody who waits is told why.
    private static final Duration SOON = Duration.ofSeconds(2);
    private static final Duration RETRY = Duration.ofSeconds(5);

    private record Ticket(SessionKey key, RequestId once) {}

    private final NodeName me;
    private final Catalogue catalogue;
    private final Homes homes;
    private final Strategy strategy;
    private final PlaceAnswers here;
    private final PlaceCalls others;
    private final Rosters rosters;
    private final Placement.Means means;
    private final Map<Ticket, Placement> open = new ConcurrentHashMap<>();
    private final AtomicLong askers = new AtomicLong();
    private final String run = HexFormat.of().formatHex(random());

    /// @param me     this node
    /// @param homes  where users' files are
    /// @param here   what this node answers
    /// @param others what the others answer
    /// @param labels of this node
    /// @param ready  whether the other members are known as well as they are going to be
    /// @param time   steady
    public record Parts(
            NodeName me,
            Views views,
            Catalogue catalogue,
            Homes homes,
            PlaceAnswers here,
            PlaceCalls others,
            Map<String, String> labels,
            Strategy strategy,
            Supplier<Boolean> ready,
            InstantSource time) {}

    public Placements(Parts parts) {
        this.me = parts.me();
        this.catalogue = parts.catalogue();
        this.homes = parts.homes();
        this.strategy = parts.strategy();
        this.here = parts.here();
        this.others = parts.others();
        this.rosters = new Rosters(parts.views(), this::apps, parts.labels(), parts.time());
        rosters.current();
        this.means = new Placement.Means(
                rosters, this::call, new Gate(ASKING_MOST), () -> parts.ready().get(), parts.time(), this::left);
    }

    /// Of services, by the same knowledge of the members. To be closed by the caller.
    /// @param metadata where it stands what a node is to run
    public Launches launches(NodeMetadata metadata, ServiceNodes nodes) {
        return new Launches(rosters, catalogue, metadata, nodes);
    }

    /// How a placement's calls reach a node, this one among them.
    interface Carrying {
        PeerReply call(NodeName to, PeerCall call) throws IOException, InterruptedException;
    }

    @Override
    public Begun start(Start start) throws InterruptedException {
        Optional<Catalogue.Entry> entry = catalogue.find(start.key().app());
        if (entry.isEmpty())
            return new Begun.Impossible("there is no app " + start.key().app() + " here; look at the catalogue");
        Ticket ticket = new Ticket(start.key(), start.ticket());
        Placement fresh = new Placement(wish(start, entry.get()), start.ticket().value(), asker(), means);
        Placement placement = fresh;
        Placement known = open.get(ticket);
        if (known != null) placement = known;
        else if (open.size() >= MOST || openOf(start.key().owner()) >= OF_USER_MOST)
            return new Begun.Full("too many sessions are being begun at once; try again in a moment", RETRY);
        else {
            known = open.putIfAbsent(ticket, fresh);
            if (known != null) placement = known;
            else fresh.open();
        }
        placement.tell(new PlacingEvent.Renew());
        if (start.elsewhere()) placement.tell(new PlacingEvent.Elsewhere());
        Stage stage = placement.settled(patience(start), true);
        if (stage instanceof Stage.Over(var outcome)) return begun(outcome);
        if (start.waits()) return new Begun.Waiting(stage, SOON);
        placement.tell(new PlacingEvent.Cancel());
        // it may have found a place in the meantime
        if (placement.settled(PATIENCE, false) instanceof Stage.Over(var outcome) && outcome instanceof Outcome.Placed)
            return begun(outcome);
        return new Begun.Full(why(stage, placement.wish()), RETRY);
    }

    @Override
    public void callOff(SessionKey key, RequestId ticket) {
        Placement placement = open.get(new Ticket(key, ticket));
        if (placement != null) placement.tell(new PlacingEvent.Cancel());
    }

    private long openOf(UserId user) {
        return open.keySet().stream()
                .filter(ticket -> ticket.key().owner().equals(user))
                .count();
    }

    /// Nothing new is begun by those that wait; what was asked of a node may be.
    @Override
    public void close() {
        open.values().forEach(Placement::close);
    }

    /// @return placements that are under way or wait
    public int size() {
        return open.size();
    }

    private Begun begun(Outcome outcome) {
        return switch (outcome) {
            case Outcome.Placed(var node, var session, var isNew) ->
                isNew ? new Begun.Granted(session) : new Begun.Existing(session);
            case Outcome.Nowhere(var why) -> isAllDraining() ? new Begun.Draining() : new Begun.Impossible(why);
            case Outcome.GivenUp(var why) -> new Begun.Impossible(why + "; start it again");
        };
    }

    private boolean isAllDraining() {
        Roster roster = rosters.current();
        return !roster.members().isEmpty() && roster.members().stream().allMatch(Member::draining);
    }

    private Duration patience(Start start) {
        if (start.waits()) return SOON;
        return means.ready().isReady() ? PATIENCE : JOINING;
    }

    private String why(Stage stage, Wish wish) {
        if (!means.ready().isReady()) return me + " is still joining its cluster; try again in a moment";
        return stage instanceof Stage.InLine ? Shortages.of(rosters.current(), wish) : stage.sentence();
    }

    private Wish wish(Start start, Catalogue.Entry entry) {
        return new Wish(
                start.key(), entry.app().demand(), entry.app().needs(), start.on(), homes.of(start.key()), strategy);
    }

    private PeerReply call(NodeName to, PeerCall call) throws IOException, InterruptedException {
        if (!to.equals(me)) return others.call(to, call);
        return here.answer(call).orElseThrow(() -> new IOException("this node is too busy to decide"));
    }

    private Set<AppId> apps() {
        return catalogue.entries().stream().map(entry -> entry.app().id()).collect(Collectors.toSet());
    }

    private void left(Placement placement) {
        open.values().remove(placement);
    }

    /// Never used for another placement, of whatever node and run.
    private String asker() {
        return me + "." + run + "." + askers.incrementAndGet();
    }

    private static byte[] random() {
        byte[] bytes = new byte[6];
        new SecureRandom().nextBytes(bytes);
        return bytes;
    }
}
