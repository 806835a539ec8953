package org.carrel.door;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import org.carrel.domain.node.Capacity;
import org.carrel.domain.node.NodeAnswer;
import org.carrel.domain.node.NodeEvent;
import org.carrel.domain.node.NodeLoad;
import org.carrel.domain.node.NodeName;
import org.carrel.domain.node.Resources;
import org.carrel.domain.node.Turn;
import org.carrel.domain.place.PeerCall;
import org.carrel.domain.place.PeerReply;
import org.carrel.domain.place.TurnAnswer;
import org.carrel.domain.place.TurnCall;
import org.carrel.domain.session.SessionKey;
import org.carrel.door.Words.EndWords;
import org.carrel.door.Words.Key;
import org.carrel.door.Words.SessionWords;
import org.jspecify.annotations.Nullable;

/// The calls of placements and their answers as JSON; a word in each says which it is. What makes no sense throws
/// `IllegalArgumentException`.
final class PlaceWords {
    /// longest a name of a request or an asker may be
    private static final int NAME_MOST = 200;

    private PlaceWords() {}

    @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "call")
    @JsonSubTypes({
        @JsonSubTypes.Type(name = "take", value = Take.class),
        @JsonSubTypes.Type(name = "end", value = EndOfTurn.class),
        @JsonSubTypes.Type(name = "look", value = Look.class),
        @JsonSubTypes.Type(name = "reserve", value = Reserve.class),
        @JsonSubTypes.Type(name = "withdraw", value = Withdraw.class)
    })
    sealed interface Call {
        PeerCall call();
    }

    record Take(Key key, String asker, long after) implements Call {
        @Override
        public PeerCall call() {
            return new PeerCall.ForRegistrar(new TurnCall.Take(keyOf(key), name(asker), after));
        }
    }

    /// @param at where the session is; absent: nothing came of it
    record EndOfTurn(Key key, TurnWords turn, @Nullable String at) implements Call {
        @Override
        public PeerCall call() {
            return new PeerCall.ForRegistrar(new TurnCall.End(
                    keyOf(key), turnOf(turn), Optional.ofNullable(at).map(NodeName::new)));
        }
    }

    /// @param waitedMillis absent: it does not stand in line
    record Look(
            Key key,
            int cpuMillis,
            long memoryBytes,
            String once,
            String asker,
            TurnWords turn,
            @Nullable Long waitedMillis,
            long againMillis)
            implements Call {
        @Override
        public PeerCall call() {
            return new PeerCall.Look(new NodeEvent.Ask(
                    keyOf(key),
                    new Resources(cpuMillis, memoryBytes),
                    name(once),
                    name(asker),
                    turnOf(turn),
                    Optional.ofNullable(waitedMillis).map(PlaceWords::span),
                    span(againMillis)));
        }
    }

    record Reserve(Key key, String once, TurnWords turn, long epoch, long waitedMillis) implements Call {
        @Override
        public PeerCall call() {
            return new PeerCall.Reserve(keyOf(key), name(once), turnOf(turn), epoch, span(waitedMillis));
        }
    }

    /// @param extent `line`, `served`, `unready`, `all`
    record Withdraw(Key key, String once, String extent, EndWords because) implements Call {
        @Override
        public PeerCall call() {
            return new PeerCall.Withdraw(new NodeEvent.Withdraw(
                    keyOf(key),
                    name(once),
                    NodeEvent.Extent.valueOf(Wire.must(extent, "extent").toUpperCase(Locale.ROOT)),
                    Wire.end(Wire.must(because, "because"))));
        }
    }

    @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "answer")
    @JsonSubTypes({
        @JsonSubTypes.Type(name = "yours", value = Yours.class),
        @JsonSubTypes.Type(name = "others", value = Others.class),
        @JsonSubTypes.Type(name = "crowded", value = Crowded.class),
        @JsonSubTypes.Type(name = "noted", value = Noted.class),
        @JsonSubTypes.Type(name = "granted", value = Granted.class),
        @JsonSubTypes.Type(name = "existing", value = Existing.class),
        @JsonSubTypes.Type(name = "full", value = Full.class),
        @JsonSubTypes.Type(name = "draining", value = Draining.class),
        @JsonSubTypes.Type(name = "impossible", value = Impossible.class),
        @JsonSubTypes.Type(name = "report", value = Report.class),
        @JsonSubTypes.Type(name = "superseded", value = Superseded.class),
        @JsonSubTypes.Type(name = "restarted", value = Restarted.class),
        @JsonSubTypes.Type(name = "withdrawn", value = Withdrawn.class)
    })
    sealed interface Answer {
        PeerReply reply();
    }

    sealed interface OfRegistrar extends Answer {
        TurnAnswer turnAnswer();

        @Override
        default PeerReply reply() {
            return new PeerReply.OfRegistrar(turnAnswer());
        }
    }

    record Yours(TurnWords turn, long leftMillis, @Nullable String holder, boolean unsettled) implements OfRegistrar {
        @Override
        public TurnAnswer turnAnswer() {
            return new TurnAnswer.Yours(
                    turnOf(turn), span(leftMillis), Optional.ofNullable(holder).map(NodeName::new), unsettled);
        }
    }

    record Others(long againMillis) implements OfRegistrar {
        @Override
        public TurnAnswer turnAnswer() {
            return new TurnAnswer.Others(span(againMillis));
        }
    }

    record Crowded(long againMillis) implements OfRegistrar {
        @Override
        public TurnAnswer turnAnswer() {
            return new TurnAnswer.Crowded(span(againMillis));
        }
    }

    record Noted() implements OfRegistrar {
        @Override
        public TurnAnswer turnAnswer() {
            return new TurnAnswer.Noted();
        }
    }

    sealed interface OfAgent extends Answer {
        NodeAnswer nodeAnswer();

        @Override
        default PeerReply reply() {
            return new PeerReply.OfAgent(nodeAnswer());
        }
    }

    record Granted(SessionWords session) implements OfAgent {
        @Override
        public NodeAnswer nodeAnswer() {
            return new NodeAnswer.Granted(Wire.session(Wire.must(session, "session")));
        }
    }

    record Existing(SessionWords session) implements OfAgent {
        @Override
        public NodeAnswer nodeAnswer() {
            return new NodeAnswer.Existing(Wire.session(Wire.must(session, "session")));
        }
    }

    record Full(String shortage, long againMillis) implements OfAgent {
        @Override
        public NodeAnswer nodeAnswer() {
            return new NodeAnswer.Full(Wire.must(shortage, "shortage"), span(againMillis));
        }
    }

    record Draining() implements OfAgent {
        @Override
        public NodeAnswer nodeAnswer() {
            return new NodeAnswer.Draining();
        }
    }

    record Impossible(String why) implements OfAgent {
        @Override
        public NodeAnswer nodeAnswer() {
            return new NodeAnswer.Impossible(Wire.must(why, "why"));
        }
    }

    record Superseded(TurnWords by) implements OfAgent {
        @Override
        public NodeAnswer nodeAnswer() {
            return new NodeAnswer.Superseded(turnOf(by));
        }
    }

    record Restarted(long epoch) implements OfAgent {
        @Override
        public NodeAnswer nodeAnswer() {
            return new NodeAnswer.Restarted(epoch);
        }
    }

    record Withdrawn() implements OfAgent {
        @Override
        public NodeAnswer nodeAnswer() {
            return new NodeAnswer.Withdrawn();
        }
    }

    record Report(
            LoadWords load,
            long epoch,
            boolean draining,
            @Nullable SessionWords holds,
            @Nullable TurnWords later,
            boolean contested,
            boolean room,
            int before,
            boolean calledOff,
            @Nullable String obstacle)
            implements OfAgent {
        @Override
        public NodeAnswer nodeAnswer() {
            return new NodeAnswer.Report(
                    Wire.must(load, "load").load(),
                    epoch,
                    draining,
                    Optional.ofNullable(holds).map(Wire::session),
                    Optional.ofNullable(later).map(TurnWords::turn),
                    contested,
                    room,
                    Math.max(0, before),
                    calledOff,
                    Optional.ofNullable(obstacle));
        }
    }

    record TurnWords(long number, String by, long epoch) {
        static TurnWords of(Turn turn) {
            return new TurnWords(turn.number(), turn.by().value(), turn.epoch());
        }

        Turn turn() {
            return new Turn(number, new NodeName(Wire.must(by, "by")), epoch);
        }
    }

    record LoadWords(
            int cpuMillis,
            long memoryBytes,
            int places,
            int starts,
            int committedCpuMillis,
            long committedMemoryBytes,
            int live,
            int starting,
            int queued) {
        static LoadWords of(NodeLoad load) {
            return new LoadWords(
                    load.capacity().total().cpuMillis(),
                    load.capacity().total().memoryBytes(),
                    load.capacity().sessions(),
                    load.capacity().starts(),
                    load.committed().cpuMillis(),
                    load.committed().memoryBytes(),
                    load.live(),
                    load.starting(),
                    load.queued());
        }

        NodeLoad load() {
            return new NodeLoad(
                    new Capacity(new Resources(cpuMillis, memoryBytes), places, starts),
                    new Resources(committedCpuMillis, committedMemoryBytes),
                    live,
                    starting,
                    queued);
        }
    }

    static Call words(PeerCall call) {
        return switch (call) {
            case PeerCall.ForRegistrar(TurnCall.Take(var key, var asker, var after)) ->
                new Take(Wire.words(key), asker, after);
            case PeerCall.ForRegistrar(TurnCall.End(var key, var turn, var at)) ->
                new EndOfTurn(
                        Wire.words(key),
                        TurnWords.of(turn),
                        at.map(NodeName::value).orElse(null));
            case PeerCall.Look(
                    NodeEvent.Ask(var key, var demand, var once, var asker, var turn, var waited, var again)) ->
                new Look(
                        Wire.words(key),
                        demand.cpuMillis(),
                        demand.memoryBytes(),
                        once,
                        asker,
                        TurnWords.of(turn),
                        waited.map(Duration::toMillis).orElse(null),
                        again.toMillis());
            case PeerCall.Reserve(var key, var once, var turn, var epoch, var waited) ->
                new Reserve(Wire.words(key), once, TurnWords.of(turn), epoch, waited.toMillis());
            case PeerCall.Withdraw(NodeEvent.Withdraw(var key, var once, var extent, var because)) ->
                new Withdraw(Wire.words(key), once, extent.name().toLowerCase(Locale.ROOT), Wire.words(because));
        };
    }

    static Answer words(PeerReply reply) {
        return switch (reply) {
            case PeerReply.OfRegistrar(TurnAnswer.Yours(var turn, var left, var holder, var unsettled)) ->
                new Yours(
                        TurnWords.of(turn),
                        left.toMillis(),
                        holder.map(NodeName::value).orElse(null),
                        unsettled);
            case PeerReply.OfRegistrar(TurnAnswer.Others(var again)) -> new Others(again.toMillis());
            case PeerReply.OfRegistrar(TurnAnswer.Crowded(var again)) -> new Crowded(again.toMillis());
            case PeerReply.OfRegistrar(TurnAnswer.Noted()) -> new Noted();
            case PeerReply.OfAgent(var answer) -> words(answer);
        };
    }

    private static Answer words(NodeAnswer answer) {
        return switch (answer) {
            case NodeAnswer.Granted(var session) -> new Granted(Wire.words(session));
            case NodeAnswer.Existing(var session) -> new Existing(Wire.words(session));
            case NodeAnswer.Full(var shortage, var again) -> new Full(shortage, again.toMillis());
            case NodeAnswer.Draining() -> new Draining();
            case NodeAnswer.Impossible(var why) -> new Impossible(why);
            case NodeAnswer.Superseded(var by) -> new Superseded(TurnWords.of(by));
            case NodeAnswer.Restarted(var epoch) -> new Restarted(epoch);
            case NodeAnswer.Withdrawn() -> new Withdrawn();
            case NodeAnswer.Report report ->
                new Report(
                        LoadWords.of(report.load()),
                        report.epoch(),
                        report.draining(),
                        report.holds().map(Wire::words).orElse(null),
                        report.later().map(TurnWords::of).orElse(null),
                        report.contested(),
                        report.room(),
                        report.before(),
                        report.calledOff(),
                        report.obstacle().orElse(null));
            case NodeAnswer.Now now -> throw new IllegalStateException("not an answer to a placement: " + now);
            case NodeAnswer.Nothing nothing -> throw new IllegalStateException("not an answer to a placement");
        };
    }

    private static Turn turnOf(@Nullable TurnWords words) {
        return Wire.must(words, "turn").turn();
    }

    private static SessionKey keyOf(@Nullable Key key) {
        return Wire.key(Wire.must(key, "key"));
    }

    /// An hour at most, whatever is said.
    private static Duration span(long millis) {
        return Duration.ofMillis(Math.clamp(millis, 0, Duration.ofHours(1).toMillis()));
    }

    private static String name(@Nullable String name) {
        String text = Wire.must(name, "name");
        if (text.isEmpty() || text.length() > NAME_MOST)
            throw new IllegalArgumentException("a name must have 1 to " + NAME_MOST + " characters");
        return text;
    }
}
