package org.carrel.door;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.stream.Stream;
import org.carrel.api.Json;
import org.carrel.domain.app.AppId;
import org.carrel.domain.kind.KindId;
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
import org.carrel.domain.session.End;
import org.carrel.domain.session.Session;
import org.carrel.domain.session.SessionId;
import org.carrel.domain.session.SessionKey;
import org.carrel.domain.session.SessionState;
import org.carrel.domain.user.UserId;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class PlaceWordsTest {
    private static final SessionKey KEY = new SessionKey(new UserId("ada"), new AppId("desk"), "paper");
    private static final NodeName N2 = new NodeName("n2");
    private static final Turn TURN = new Turn(7, N2, 3);
    private static final Session SESSION = new Session(
            SessionId.of(new byte[10]),
            KEY,
            new KindId("web"),
            new Resources(500, 1 << 30),
            N2,
            Instant.parse("2026-11-22T10:00:00Z"),
            new SessionState.Reserved(Instant.parse("2026-11-22T10:01:00Z"), 2));

    static Stream<PeerCall> calls() {
        return Stream.of(
                new PeerCall.ForRegistrar(new TurnCall.Take(KEY, "n1.ab.1", 6)),
                new PeerCall.ForRegistrar(new TurnCall.End(KEY, TURN, Optional.of(N2))),
                new PeerCall.ForRegistrar(new TurnCall.End(KEY, TURN, Optional.empty())),
                new PeerCall.Look(new NodeEvent.Ask(
                        KEY, new Resources(1, 2), "once", "n1.ab.1", TURN, Optional.empty(), Duration.ofMillis(400))),
                new PeerCall.Look(new NodeEvent.Ask(
                        KEY,
                        new Resources(1, 2),
                        "once",
                        "n1.ab.1",
                        TURN,
                        Optional.of(Duration.ofMillis(1234)),
                        Duration.ofMillis(400))),
                new PeerCall.Reserve(KEY, "once", TURN, 9, Duration.ofMillis(77)),
                new PeerCall.Withdraw(
                        new NodeEvent.Withdraw(KEY, "once", NodeEvent.Extent.UNREADY, new End.Stopped("ada"))));
    }

    static Stream<PeerReply> replies() {
        NodeLoad load = new NodeLoad(new Capacity(new Resources(8000, 1L << 34), 20, 2), new Resources(1, 2), 3, 1, 1);
        return Stream.concat(
                Stream.of(
                                new TurnAnswer.Yours(TURN, Duration.ofMillis(3000), Optional.of(N2), true),
                                new TurnAnswer.Yours(TURN, Duration.ofMillis(1), Optional.empty(), false),
                                new TurnAnswer.Others(Duration.ofMillis(100)),
                                new TurnAnswer.Crowded(Duration.ofMillis(100)),
                                new TurnAnswer.Noted())
                        .map(PeerReply.OfRegistrar::new),
                Stream.of(
                                new NodeAnswer.Granted(SESSION),
                                new NodeAnswer.Existing(SESSION),
                                new NodeAnswer.Full("no memory", Duration.ofSeconds(5)),
                                new NodeAnswer.Draining(),
                                new NodeAnswer.Impossible("the disk is full"),
                                new NodeAnswer.Superseded(TURN),
                                new NodeAnswer.Restarted(4),
                                new NodeAnswer.Withdrawn(),
                                new NodeAnswer.Report(
                                        load,
                                        4,
                                        true,
                                        Optional.of(SESSION),
                                        Optional.of(TURN),
                                        true,
                                        true,
                                        5,
                                        true,
                                        Optional.of("why")),
                                new NodeAnswer.Report(
                                        load,
                                        4,
                                        false,
                                        Optional.empty(),
                                        Optional.empty(),
                                        false,
                                        false,
                                        0,
                                        false,
                                        Optional.empty()))
                        .map(PeerReply.OfAgent::new));
    }

    @ParameterizedTest
    @MethodSource("calls")
    void a_call_arrives_as_it_was_sent(PeerCall call) throws Exception {
        byte[] json = Json.bytes(PlaceWords.words(call));
        assertThat(Json.readAnswer(json, PlaceWords.Call.class).call()).isEqualTo(call);
    }

    @ParameterizedTest
    @MethodSource("replies")
    void a_reply_arrives_as_it_was_sent(PeerReply reply) throws Exception {
        byte[] json = Json.bytes(PlaceWords.words(reply));
        assertThat(Json.readAnswer(json, PlaceWords.Answer.class).reply()).isEqualTo(reply);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "[]",
                "null",
                "{\"call\":\"begin\"}",
                "{\"call\":\"java.lang.Runtime\"}",
                "{\"call\":\"take\"}",
                "{\"call\":\"take\",\"key\":{\"owner\":\"ada\",\"app\":\"desk\",\"name\":\"x\"},\"asker\":\"\"}",
                "{\"call\":\"take\",\"key\":{\"owner\":\"../x\",\"app\":\"desk\",\"name\":\"x\"},\"asker\":\"a\"}",
                "{\"call\":\"end\",\"key\":{\"owner\":\"ada\",\"app\":\"desk\",\"name\":\"x\"}}",
                "{\"call\":\"look\",\"key\":{\"owner\":\"ada\",\"app\":\"desk\",\"name\":\"x\"},\"once\":\"o\","
                        + "\"cpuMillis\":-1,\"memoryBytes\":1,\"turn\":{\"number\":1,\"by\":\"n1\",\"epoch\":1}}",
                "{\"call\":\"reserve\",\"key\":{\"owner\":\"ada\",\"app\":\"desk\",\"name\":\"x\"},\"once\":\"o\","
                        + "\"turn\":{\"number\":1,\"epoch\":1}}",
                "{\"call\":\"withdraw\",\"key\":{\"owner\":\"ada\",\"app\":\"desk\",\"name\":\"x\"},\"once\":\"o\","
                        + "\"extent\":\"everything\"}"
            })
    void a_call_that_makes_no_sense_is_refused_and_does_nothing(String json) {
        assertThatThrownBy(() -> Json.readAnswer(json.getBytes(StandardCharsets.UTF_8), PlaceWords.Call.class)
                        .call())
                .isInstanceOfAny(IOException.class, IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"answer\":\"granted\"}",
                "{\"answer\":\"yours\"}",
                "{\"answer\":\"report\"}",
                "{\"answer\":\"impossible\"}",
                "{\"answer\":\"?\"}"
            })
    void a_reply_that_makes_no_sense_is_none(String json) {
        assertThatThrownBy(() -> Json.readAnswer(json.getBytes(StandardCharsets.UTF_8), PlaceWords.Answer.class)
                        .reply())
                .isInstanceOfAny(IOException.class, IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(longs = {Long.MIN_VALUE, -1, Long.MAX_VALUE})
    void a_time_beyond_reason_is_bounded(long millis) {
        PeerReply reply = new PlaceWords.Others(millis).reply();
        assertThat(((TurnAnswer.Others) ((PeerReply.OfRegistrar) reply).answer()).again())
                .isBetween(Duration.ZERO, Duration.ofHours(1));
    }
}
