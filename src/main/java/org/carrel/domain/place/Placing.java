package org.carrel.domain.place;

import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.carrel.domain.node.NodeAnswer.Report;
import org.carrel.domain.node.NodeName;
import org.carrel.domain.node.Turn;

/// The asking side of one begin: finds the session of a key or a node for a new one. One for each request, kept by the
/// gateway the request came to.
///
/// Immutable: an event and the time give the next state and the calls to send. Calls are sent again until they are
/// answered; their receivers bear that.
/// ```
///          Yours           all asked have answered, room         Granted, Existing
/// TakingTurn ----> Asking ----------------------------> Reserving ----------------> Leaving -> done
///    ^               | a report shows the session: ------------------------------------^
///    |               | full, or a possible holder is silent        | refused by all, no answer
///    +---- Pausing <-+---------------------------------------------+
/// ```
/// Held: no `Reserve` goes out before every node that may hold the key has answered this very turn, unless the user
/// said "elsewhere"; none after an unanswered one, before that node has answered a later turn; nothing is begun after
/// `Cancel`.
public final class Placing {
    /// Calls without an answer are sent again.
    static final Duration RESEND = Duration.ofMillis(200);
    /// The same for looks, on which everything waits.
    static final Duration RESEND_SOON = Duration.ofMillis(150);
    /// How long the answer to a look is waited for; twice as long after each attempt that failed for silence, so that
    /// busy machines are not asked faster than they answer.
    static final Duration PATIENCE = Duration.ofMillis(600);
    /// The longest: with it there is still time to reserve within the turn.
    static final Duration PATIENCE_MOST = Duration.ofMillis(1_800);
    /// The same where only nodes are missing that are thought out of reach.
    static final Duration PATIENCE_AWAY = Duration.ofMillis(100);
    /// A turn is given back so long before it would end by itself.
    static final Duration MARGIN = Duration.ofMillis(500);
    /// Between two looks of one who waits in line; longer for those far behind.
    static final Duration AGAIN = Duration.ofMillis(400);
    /// Of those who wait, the first so many look at that pace.
    static final int NEAR = 16;
    /// Between two looks at most.
    static final Duration AGAIN_MOST = Duration.ofSeconds(4);
    /// A user who waits and is not heard of is gone.
    public static final Duration TICKET_LIFE = Duration.ofSeconds(60);
    /// What is to be called back is tried for so long; later a node has forgotten by itself.
    static final Duration FAREWELL = Duration.ofSeconds(10);

    /// What is the same from the first to the last moment.
    /// @param once  names the request; a user's retry at another gateway repeats it
    /// @param asker names this placement, never used again: gateway and a random part
    record Request(Wish wish, String once, String asker) {}

    sealed interface Phase {
        /// @param began earliest moment the turn may have been given
        record TakingTurn(Optional<NodeName> registrar, Instant began, Instant send) implements Phase {}

        /// @param began   earliest moment the turn may have been given
        /// @param asking  since when the last of those asked are
        /// @param asked   whose answers are awaited, in order
        /// @param reports of those who answered this turn
        record Asking(
                Given given,
                Instant began,
                Instant asking,
                Instant send,
                Set<NodeName> asked,
                Map<NodeName, Report> reports)
                implements Phase {}

        /// @param next who is asked when this one refuses, in order
        record Reserving(
                Given given, Instant began, Instant send, NodeName at, PeerCall.Reserve call, List<Survey.Room> next)
                implements Phase {}

        record Pausing(Instant until) implements Phase {}

        /// @param unheard calls that are to be answered yet
        record Leaving(Outcome outcome, Instant until, Instant send, List<Send> unheard) implements Phase {}
    }

    /// @param by the registrar that gave it
    record Given(Turn turn, NodeName by, Optional<NodeName> holder, boolean unsettled) {}

    /// An effect: a call to be carried to a node; its answer returns as `PlacingEvent.Heard`.
    public record Send(NodeName to, PeerCall call) {}

    public record Step(Placing next, List<Send> sends) {
        public Step {
            sends = List.copyOf(sends);
        }
    }

    /// What is known so far, across attempts.
    /// @param lastTurn   the number of the latest turn
    /// @param silences   how many attempts failed since those who are thought to answer did not
    /// @param inLine     since when the user waits for room
    /// @param elsewhere  the user's word to go on without silent holders
    /// @param unsure     nodes that were asked to reserve and have not answered a later turn since
    /// @param touched    nodes that may have noted something of this request
    /// @param renewed    when the user was last heard of
    record Notes(
            long lastTurn,
            int attempts,
            int silences,
            Optional<Instant> inLine,
            boolean elsewhere,
            Set<NodeName> unsure,
            Set<NodeName> touched,
            Instant renewed) {
        /// The order of the sets is kept, so that the same events give the same calls.
        Notes {
            unsure = Collections.unmodifiableSet(new LinkedHashSet<>(unsure));
            touched = Collections.unmodifiableSet(new LinkedHashSet<>(touched));
        }
    }

    final Request request;
    final Roster roster;
    final Phase phase;
    final Stage stage;
    final Notes notes;

    Placing(Request request, Roster roster, Phase phase, Stage stage, Notes notes) {
        this.request = request;
        this.roster = roster;
        this.phase = phase;
        this.stage = stage;
        this.notes = notes;
    }

    /// @param once  names the request
    /// @param asker names this placement; never used for another
    public static Step begin(Wish wish, String once, String asker, Roster roster, Instant now) {
        Wish settled = withHome(wish, roster);
        Notes notes = new Notes(0, 0, 0, Optional.empty(), false, Set.of(), Set.of(), now);
        Placing fresh = new Placing(
                new Request(settled, once, asker), roster, new Phase.Pausing(now), new Stage.Looking(), notes);
        return fresh.on(new PlacingEvent.Tick(), now);
    }

    /// @param now by a steady clock, always the same one
    public Step on(PlacingEvent event, Instant now) {
        PlacingChange change = new PlacingChange(this, now);
        change.apply(event);
        return change.step();
    }

    public Stage stage() {
        return stage;
    }

    public Wish wish() {
        return request.wish();
    }

    /// When it wants to be told that time has passed, at the latest.
    public Instant wake() {
        return switch (phase) {
            case Phase.TakingTurn taking -> taking.send();
            case Phase.Asking asking -> asking.send();
            case Phase.Reserving reserving -> reserving.send();
            case Phase.Pausing(var until) -> until;
            case Phase.Leaving leaving -> leaving.send();
        };
    }

    /// It asks nobody for anything just now, until time passes or there is news.
    public boolean isResting() {
        return phase instanceof Phase.Pausing;
    }

    /// How often it has asked around.
    public int attempts() {
        return notes.attempts();
    }

    /// How many of its attempts failed since nodes that are thought to answer did not in time.
    public int silences() {
        return notes.silences();
    }

    /// Nothing more will come of it, and nothing is left to say.
    public boolean isDone() {
        return phase instanceof Phase.Leaving leaving && leaving.unheard().isEmpty();
    }

    private static Wish withHome(Wish wish, Roster roster) {
        if (wish.home() instanceof Home.Local(var node) && node.isEmpty())
            return wish.with(new Home.Local(roster.newHome(wish)));
        return wish;
    }
}
