package org.carrel.domain.place;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.carrel.domain.node.NodeAnswer;
import org.carrel.domain.node.NodeAnswer.Report;
import org.carrel.domain.node.NodeEvent;
import org.carrel.domain.node.NodeName;
import org.carrel.domain.node.Turn;
import org.carrel.domain.place.Placing.Given;
import org.carrel.domain.place.Placing.Notes;
import org.carrel.domain.place.Placing.Phase;
import org.carrel.domain.place.Placing.Phase.Asking;
import org.carrel.domain.place.Placing.Phase.Leaving;
import org.carrel.domain.place.Placing.Phase.Pausing;
import org.carrel.domain.place.Placing.Phase.Reserving;
import org.carrel.domain.place.Placing.Phase.TakingTurn;
import org.carrel.domain.place.Placing.Send;
import org.carrel.domain.session.End;
import org.carrel.domain.session.Session;

/// One step of a placement: a working copy of its state, thrown away when the step is taken.
final class PlacingChange {
    private final Placing.Request request;
    private final Wish wish;
    private final Instant now;
    private final List<Send> sends = new ArrayList<>();
    private final Set<NodeName> unsure;
    private final Set<NodeName> touched;
    private Roster roster;
    private Phase phase;
    private Stage stage;
    private long lastTurn;
    private int attempts;
    private int silences;
    private Optional<Instant> inLine;
    private boolean elsewhere;
    private Instant renewed;

    PlacingChange(Placing before, Instant now) {
        this.request = before.request;
        this.wish = before.request.wish();
        this.now = now;
        this.roster = before.roster;
        this.phase = before.phase;
        this.stage = before.stage;
        this.lastTurn = before.notes.lastTurn();
        this.attempts = before.notes.attempts();
        this.silences = before.notes.silences();
        this.inLine = before.notes.inLine();
        this.elsewhere = before.notes.elsewhere();
        this.unsure = new LinkedHashSet<>(before.notes.unsure());
        this.touched = new LinkedHashSet<>(before.notes.touched());
        this.renewed = before.notes.renewed();
    }

    Placing.Step step() {
        Notes notes = new Notes(lastTurn, attempts, silences, inLine, elsewhere, unsure, touched, renewed);
        return new Placing.Step(new Placing(request, roster, phase, stage, notes), sends);
    }

    void apply(PlacingEvent event) {
        switch (event) {
            case PlacingEvent.Heard(var from, var call, var reply) -> heard(from, call, reply);
            case PlacingEvent.Members(var newer) -> members(newer);
            case PlacingEvent.Elsewhere() -> {
                elsewhere = true;
                if (phase instanceof Pausing) phase = new Pausing(now);
            }
            case PlacingEvent.Renew() -> renewed = now;
            case PlacingEvent.Cancel() -> giveUp("its user has called it off", NodeEvent.Extent.ALL);
            case PlacingEvent.Tick() -> {}
        }
        if (isPast(renewed.plus(Placing.TICKET_LIFE))) giveUp("nobody waited for it any more", NodeEvent.Extent.LINE);
        passTime();
    }

    // ---- answers

    private void heard(NodeName from, PeerCall call, PeerReply reply) {
        if (phase instanceof Leaving leaving) {
            List<Send> unheard = leaving.unheard().stream()
                    .filter(send -> !send.equals(new Send(from, call)))
                    .toList();
            phase = new Leaving(leaving.outcome(), leaving.until(), leaving.send(), unheard);
            if (reply instanceof PeerReply.OfRegistrar(var late)) giveBack(from, late);
            return;
        }
        switch (reply) {
            case PeerReply.OfRegistrar(var answer) -> turnHeard(from, call, answer);
            case PeerReply.OfAgent(var answer) -> agentHeard(from, call, answer);
        }
    }

    private void turnHeard(NodeName from, PeerCall call, TurnAnswer answer) {
        if (!(phase instanceof TakingTurn taking) || !call.equals(take())) {
            giveBack(from, answer);
            return;
        }
        switch (answer) {
            case TurnAnswer.Yours(var turn, var left, var holder, var unsettled) -> {
                lastTurn = turn.number();
                ask(new Given(turn, from, holder, unsettled), taking.began());
            }
            case TurnAnswer.Others(var again) -> phase = new TakingTurn(taking.registrar(), now, now.plus(again));
            case TurnAnswer.Crowded(var again) -> phase = new TakingTurn(taking.registrar(), now, now.plus(again));
            case TurnAnswer.Noted() -> {}
        }
    }

    /// A turn that comes too late keeps nobody else waiting.
    private void giveBack(NodeName from, TurnAnswer answer) {
        if (!(answer instanceof TurnAnswer.Yours yours)) return;
        lastTurn = Math.max(lastTurn, yours.turn().number()); // else the next is taken for a copy of this one's call
        if (given().map(Given::turn).equals(Optional.of(yours.turn()))) return;
        endTurn(new Given(yours.turn(), from, yours.holder(), yours.unsettled()));
    }

    private void agentHeard(NodeName from, PeerCall call, NodeAnswer answer) {
        switch (phase) {
            case Asking asking -> {
                if (call instanceof PeerCall.Look(var ask)
                        && ask.turn().equals(asking.given().turn())) reported(asking, from, answer);
            }
            case Reserving reserving -> {
                if (call.equals(reserving.call()) && from.equals(reserving.at())) reserved(reserving, answer);
            }
            case TakingTurn taking -> {}
            case Pausing pausing -> {}
            case Leaving leaving -> {}
        }
    }

    private void reported(Asking asking, NodeName from, NodeAnswer answer) {
        if (!(answer instanceof Report report) || !asking.asked().contains(from)) return;
        Map<NodeName, Report> reports = new LinkedHashMap<>(asking.reports());
        reports.put(from, report);
        // whatever was to be reserved there by an earlier turn can't be any more
        unsure.remove(from);
        phase = new Asking(asking.given(), asking.began(), asking.asking(), asking.send(), asking.asked(), reports);
    }

    private void reserved(Reserving reserving, NodeAnswer answer) {
        NodeName at = reserving.at();
        switch (answer) {
            case NodeAnswer.Granted(var session) -> placed(at, session, true);
            case NodeAnswer.Existing(var session) -> placed(at, session, false);
            case NodeAnswer.Withdrawn() -> giveUp("this request was called off before", NodeEvent.Extent.LINE);
            case NodeAnswer.Superseded(var by) -> superseded(at, by, reserving.given());
            case NodeAnswer.Restarted(var epoch) -> again(at, reserving.given());
            case NodeAnswer.Full full -> nextAfter(reserving);
            case NodeAnswer.Draining() -> nextAfter(reserving);
            case NodeAnswer.Impossible(var why) -> nextAfter(reserving);
            case NodeAnswer.Report report -> {}
            case NodeAnswer.Now now -> {}
            case NodeAnswer.Nothing nothing -> {}
        }
    }

    private void superseded(NodeName at, Turn by, Given given) {
        lastTurn = Math.max(lastTurn, by.number());
        again(at, given);
    }

    private void again(NodeName at, Given given) {
        unsure.remove(at);
        endTurn(given);
        pause(jitter());
    }

    // ---- one attempt

    private void takeTurn() {
        attempts++;
        phase = new TakingTurn(roster.registrar(wish.key(), now), now, now);
    }

    private void ask(Given given, Instant began) {
        Set<NodeName> asked = new LinkedHashSet<>(roster.possibleHolders(wish));
        given.holder().filter(this::isMember).ifPresent(asked::add);
        unsure.stream().filter(this::isMember).forEach(asked::add);
        phase = new Asking(given, began, now, now, asked, Map.of());
    }

    /// All have answered, or those who have not were waited for.
    private void decide(Asking asking) {
        Optional<Turn> later = asking.reports().values().stream()
                .flatMap(report -> report.later().stream())
                .max(Comparator.naturalOrder());
        List<NodeName> silent = Survey.silentHolders(asking, roster, wish, unsure);
        Optional<Survey.Held> holder = Survey.holder(asking.reports());
        if (holder.isPresent()) {
            placed(holder.get().node(), holder.get().session(), false);
        } else if (asking.reports().values().stream().anyMatch(Report::calledOff)) {
            giveUp("this request was called off before", NodeEvent.Extent.LINE);
        } else if (later.isPresent()) {
            lastTurn = Math.max(lastTurn, later.get().number());
            endTurn(asking.given());
            pause(jitter());
        } else if (!silent.isEmpty() && !elsewhere) {
            endTurn(asking.given());
            stage = new Stage.HolderSilent(silent);
            if (silent.stream().anyMatch(roster::isUp)) silences++;
            pause(Placing.AGAIN);
        } else choose(asking);
    }

    private void choose(Asking asking) {
        List<NodeName> candidates = roster.candidates(wish);
        List<Survey.Room> ranked = new ArrayList<>();
        for (int from = 0; from < candidates.size(); from += Roster.PROBED) {
            List<NodeName> three = candidates.subList(from, Math.min(candidates.size(), from + Roster.PROBED));
            if (!asking.asked().containsAll(three)) {
                if (ranked.isEmpty()) {
                    askMore(asking, three);
                    return;
                }
                break;
            }
            ranked.addAll(Survey.ranked(three, asking.reports(), wish));
        }
        if (candidates.isEmpty()) nobody(asking);
        else if (ranked.isEmpty()) full(asking, candidates);
        else if (isPast(asking.began().plus(Registrar.TURN_LIFE).minus(Placing.MARGIN))) {
            endTurn(asking.given());
            pause(Duration.ZERO);
        } else reserveAt(ranked, asking.given(), asking.began());
    }

    private void askMore(Asking asking, List<NodeName> more) {
        Set<NodeName> asked = new LinkedHashSet<>(asking.asked());
        asked.addAll(more);
        phase = new Asking(asking.given(), asking.began(), now, now, asked, asking.reports());
    }

    private void nobody(Asking asking) {
        if (wish.home() instanceof Home.Local(var home)
                && home.isPresent()
                && wish.chosen().isEmpty()) {
            endTurn(asking.given());
            String why = roster.member(home.get())
                    .flatMap(member -> Eligibility.of(member, wish))
                    .orElse("is no member any more");
            stage = new Stage.HomeAway(home.get(), why);
            pause(Placing.AGAIN);
        } else
            leave(
                    new Outcome.Nowhere(Eligibility.whyNone(roster, wish)),
                    Optional.of(asking.given()),
                    NodeEvent.Extent.LINE);
    }

    private void full(Asking asking, List<NodeName> candidates) {
        Optional<String> obstacle = Survey.obstacle(candidates, asking.reports());
        if (obstacle.isPresent()) {
            leave(new Outcome.Nowhere(obstacle.get()), Optional.of(asking.given()), NodeEvent.Extent.LINE);
            return;
        }
        endTurn(asking.given());
        if (candidates.stream().noneMatch(asking.reports()::containsKey)) {
            // nobody has said that there is no room
            silences++;
            pause(Placing.AGAIN);
            return;
        }
        boolean isFirst = inLine.isEmpty();
        if (isFirst) inLine = Optional.of(now);
        stage = new Stage.InLine(Survey.position(candidates, asking.reports()));
        // only the second look stands in line
        pause(isFirst ? Duration.ZERO : lookAgain());
    }

    private void reserveAt(List<Survey.Room> ranked, Given given, Instant began) {
        Survey.Room best = ranked.getFirst();
        touched.add(best.node());
        unsure.add(best.node());
        PeerCall.Reserve call = new PeerCall.Reserve(
                wish.key(), request.once(), given.turn(), best.epoch(), waited().orElse(Duration.ZERO));
        phase = new Reserving(given, began, now, best.node(), call, ranked.subList(1, ranked.size()));
    }

    private void nextAfter(Reserving reserving) {
        // it stays unsure: the same reservation, sent before or doubled on its way, may still come there and find room
        if (!reserving.next().isEmpty()) {
            reserveAt(reserving.next(), reserving.given(), reserving.began());
            return;
        }
        // they had room a moment ago: look again at once
        endTurn(reserving.given());
        pause(jitter());
    }

    // ---- ends

    private void placed(NodeName at, Session session, boolean isNew) {
        Optional<Given> given = given();
        unsure.remove(at);
        touched.remove(at);
        leave(new Outcome.Placed(at, session, isNew), Optional.empty(), NodeEvent.Extent.SERVED);
        given.ifPresent(known -> remember(known.by(), endOf(known, Optional.of(at))));
    }

    private void giveUp(String why, NodeEvent.Extent extent) {
        if (phase instanceof Leaving) return;
        Phase before = phase;
        // while a reservation may be under way, the turn is better left to run out
        leave(new Outcome.GivenUp(why), given().filter(known -> !(before instanceof Reserving)), extent);
        // a turn that is given yet is given back when it comes
        if (before instanceof TakingTurn taking) taking.registrar().ifPresent(node -> remember(node, take()));
    }

    private void leave(Outcome outcome, Optional<Given> given, NodeEvent.Extent extent) {
        phase = new Leaving(outcome, now.plus(Placing.FAREWELL), now, List.of());
        stage = new Stage.Over(outcome);
        given.ifPresent(known -> remember(known.by(), endOf(known, Optional.empty())));
        for (NodeName node : touched) {
            // where a reservation may still be under way while the session is known to be elsewhere
            boolean isStray = outcome instanceof Outcome.Placed && unsure.contains(node);
            remember(node, withdraw(isStray ? NodeEvent.Extent.UNREADY : extent));
        }
    }

    private void remember(NodeName to, PeerCall call) {
        if (!(phase instanceof Leaving leaving)) return;
        List<Send> unheard = new ArrayList<>(leaving.unheard());
        unheard.add(new Send(to, call));
        phase = new Leaving(leaving.outcome(), leaving.until(), leaving.send(), List.copyOf(unheard));
    }

    // ---- time

    private void passTime() {
        if (phase instanceof Pausing(var until) && isPast(until)) takeTurn();
        if (phase instanceof TakingTurn taking && isPast(taking.send())) sendTake(taking);
        if (phase instanceof Asking asking) waitForReports(asking);
        if (phase instanceof Reserving reserving) waitForReservation(reserving);
        if (phase instanceof Leaving leaving && isPast(leaving.send())) sayFarewell(leaving);
    }

    private void sendTake(TakingTurn taking) {
        Optional<NodeName> registrar = roster.registrar(wish.key(), now);
        Instant began = registrar.equals(taking.registrar()) ? taking.began() : now;
        phase = new TakingTurn(registrar, began, now.plus(Placing.RESEND));
        registrar.ifPresent(node -> sends.add(new Send(node, take())));
    }

    private void waitForReports(Asking asking) {
        if (isPast(asking.send())) asking = sendLooks(asking);
        Set<NodeName> missing = new LinkedHashSet<>(asking.asked());
        missing.removeAll(asking.reports().keySet());
        boolean awaitsUp = missing.stream().anyMatch(roster::isUp);
        Duration patience = missing.isEmpty() ? Duration.ZERO : awaitsUp ? patience() : Placing.PATIENCE_AWAY;
        if (isPast(asking.asking().plus(patience))) decide(asking);
    }

    private Duration patience() {
        Duration longer = Placing.PATIENCE.multipliedBy(1L << Math.min(silences, 2));
        return longer.compareTo(Placing.PATIENCE_MOST) < 0 ? longer : Placing.PATIENCE_MOST;
    }

    private Asking sendLooks(Asking asking) {
        Asking sent = new Asking(
                asking.given(),
                asking.began(),
                asking.asking(),
                now.plus(Placing.RESEND_SOON),
                asking.asked(),
                asking.reports());
        phase = sent;
        Set<NodeName> candidates = inLine.isEmpty() ? Set.of() : Set.copyOf(roster.candidates(wish));
        for (NodeName node : asking.asked()) {
            if (asking.reports().containsKey(node)) continue;
            boolean stands = candidates.contains(node);
            if (stands) touched.add(node);
            sends.add(new Send(
                    node,
                    new PeerCall.Look(new NodeEvent.Ask(
                            wish.key(),
                            wish.demand(),
                            request.once(),
                            request.asker(),
                            asking.given().turn(),
                            stands ? waited() : Optional.empty(),
                            lookAgain()))));
        }
        return sent;
    }

    private void waitForReservation(Reserving reserving) {
        boolean isLate = isPast(reserving.began().plus(Registrar.TURN_LIFE).minus(Placing.MARGIN));
        if (isLate || !roster.isUp(reserving.at())) {
            // it may hold the session now, and nobody else may be asked before it is known. The turn is left to run out
            stage = new Stage.HolderSilent(List.of(reserving.at()));
            pause(Placing.AGAIN);
            return;
        }
        if (!isPast(reserving.send())) return;
        phase = new Reserving(
                reserving.given(),
                reserving.began(),
                now.plus(Placing.RESEND),
                reserving.at(),
                reserving.call(),
                reserving.next());
        sends.add(new Send(reserving.at(), reserving.call()));
    }

    private void sayFarewell(Leaving leaving) {
        boolean isOver = isPast(leaving.until());
        List<Send> unheard = isOver ? List.of() : leaving.unheard();
        phase = new Leaving(leaving.outcome(), leaving.until(), now.plus(Placing.RESEND), unheard);
        sends.addAll(unheard);
    }

    private void members(Roster newer) {
        boolean roomAppeared = inLine.isPresent() && Survey.roomAppeared(roster, newer, wish);
        roster = newer;
        if (roomAppeared && phase instanceof Pausing) phase = new Pausing(now);
    }

    // ---- words

    private PeerCall take() {
        return new PeerCall.ForRegistrar(new TurnCall.Take(wish.key(), request.asker(), lastTurn));
    }

    private PeerCall endOf(Given given, Optional<NodeName> at) {
        return new PeerCall.ForRegistrar(new TurnCall.End(wish.key(), given.turn(), at));
    }

    private PeerCall withdraw(NodeEvent.Extent extent) {
        End because = new End.Stopped(wish.key().owner() + ", before it was shown");
        return new PeerCall.Withdraw(new NodeEvent.Withdraw(wish.key(), request.once(), extent, because));
    }

    /// Said once: a turn that isn't given back runs out.
    private void endTurn(Given given) {
        sends.add(new Send(given.by(), endOf(given, Optional.empty())));
    }

    private Optional<Given> given() {
        return switch (phase) {
            case Asking asking -> Optional.of(asking.given());
            case Reserving reserving -> Optional.of(reserving.given());
            case TakingTurn taking -> Optional.empty();
            case Pausing pausing -> Optional.empty();
            case Leaving leaving -> Optional.empty();
        };
    }

    private void pause(Duration time) {
        phase = new Pausing(now.plus(time));
    }

    private Optional<Duration> waited() {
        return inLine.map(since -> Duration.between(since, now));
    }

    private Duration lookAgain() {
        int position = stage instanceof Stage.InLine(var place) ? place : 1;
        Duration again = Placing.AGAIN.multipliedBy(1 + position / Placing.NEAR);
        return again.compareTo(Placing.AGAIN_MOST) < 0 ? again : Placing.AGAIN_MOST;
    }

    /// So that two who hinder each other don't meet again: 20 to 99 ms, more for later attempts.
    private Duration jitter() {
        long draw = StableHash.of(List.of(request.asker(), Integer.toString(attempts))) >>> 1;
        return Duration.ofMillis(20 + draw % 80 * Math.min(attempts, 8));
    }

    private boolean isMember(NodeName node) {
        return roster.member(node).isPresent();
    }

    private boolean isPast(Instant moment) {
        return !now.isBefore(moment);
    }
}
