package org.carrel.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.carrel.domain.app.AppId;
import org.carrel.domain.kind.KindId;
import org.carrel.domain.member.Candidate;
import org.carrel.domain.node.Capacity;
import org.carrel.domain.node.Metadata;
import org.carrel.domain.node.NodeId;
import org.carrel.domain.node.NodeName;
import org.carrel.domain.node.Resources;
import org.carrel.domain.session.End;
import org.carrel.domain.session.Session;
import org.carrel.domain.session.SessionId;
import org.carrel.domain.session.SessionKey;
import org.carrel.domain.session.SessionState;
import org.carrel.domain.user.UserId;
import org.carrel.port.NodeFacts;
import org.carrel.port.OtherNode.Hint;
import org.carrel.port.OtherNode.SessionHint;
import org.carrel.port.View;
import org.junit.jupiter.api.Test;

class SelfSaidTest {
    private static final Instant NOW = Instant.parse("2026-11-22T08:00:00Z");
    private static final NodeName N2 = new NodeName("n2");
    private static final NodeFacts FACTS = new NodeFacts(
            N2,
            "0.1.0",
            NOW,
            new Capacity(new Resources(4000, 8L << 30), 40, 2),
            new Resources(500, 1L << 30),
            3,
            1,
            2,
            true,
            12.5,
            1L << 30,
            8L << 30,
            0.75,
            "each user has a uid",
            new Metadata(Map.of("service.nginx", "on")));
    private static final SelfSaid.More MORE = new SelfSaid.More(
            new Candidate("10.0.0.2", 7443),
            Map.of("gpu", "no"),
            Set.of(new AppId("faithful"), new AppId("notebook")),
            Set.of("agent"),
            "0123456789abcdef");

    @Test
    void what_a_node_says_is_what_others_read() {
        Session live = session(1, new SessionState.Reserved(NOW, 0));
        Session ended = session(2, new SessionState.Ended(new End.Stopped("by its user"), NOW));
        Map<String, String> said = new SelfSaid()
                .entries(view(List.of(live, ended)), MORE, Map.of(new NodeId("0000000000000003"), 1.25), 7);
        assertThat(new SelfSaid().read(said, N2, NOW))
                .contains(new Hint(
                        FACTS,
                        MORE.door(),
                        MORE.labels(),
                        MORE.apps(),
                        List.of(new SessionHint(live.id(), live.key(), "reserved", NOW)),
                        0,
                        Map.of(new NodeId("0000000000000003"), 1.25),
                        MORE.roles(),
                        MORE.homes(),
                        NOW));
    }

    @Test
    void at_rest_the_load_is_told_again_only_after_a_while() {
        SelfSaid words = new SelfSaid();
        String first = load(words, FACTS, 1);
        NodeFacts alike = measured(14.5, FACTS.memoryUsedBytes() + (8 << 20), 0.8);
        for (int beat = 2; beat <= 1 + SelfSaid.SILENT_BEATS; beat++)
            assertThat(load(words, alike, beat)).isEqualTo(first);
        assertThat(load(words, alike, 2 + SelfSaid.SILENT_BEATS)).isNotEqualTo(first);
    }

    @Test
    void what_changes_is_told_at_once() {
        List<NodeFacts> changed = List.of(
                measured(40, FACTS.memoryUsedBytes(), FACTS.load1()),
                measured(FACTS.cpuPercent(), 4L << 30, FACTS.load1()),
                measured(FACTS.cpuPercent(), FACTS.memoryUsedBytes(), 2),
                counted(2000, FACTS.sessions(), FACTS.starting(), FACTS.queued(), true),
                counted(500, 4, FACTS.starting(), FACTS.queued(), true),
                counted(500, 3, 2, FACTS.queued(), true),
                counted(500, 3, 1, 3, true),
                counted(500, 3, 1, 2, false));
        for (NodeFacts facts : changed) {
            SelfSaid words = new SelfSaid();
            assertThat(load(words, FACTS, 1)).isNotEqualTo(load(words, facts, 2));
        }
        SelfSaid words = new SelfSaid();
        assertThat(load(words, FACTS, 1))
                .isNotEqualTo(words.entries(view(FACTS), MORE, Map.of(new NodeId("0000000000000003"), 0.1), 2)
                        .get(SelfSaid.LOAD));
    }

    private static String load(SelfSaid words, NodeFacts facts, long beat) {
        return words.entries(view(facts), MORE, Map.of(), beat).get(SelfSaid.LOAD);
    }

    private static NodeFacts measured(double cpuPercent, long memoryUsedBytes, double load1) {
        return facts(FACTS.committed().cpuMillis(), 3, 1, 2, true, cpuPercent, memoryUsedBytes, load1);
    }

    private static NodeFacts counted(int cpuMillis, int sessions, int starting, int queued, boolean draining) {
        return facts(cpuMillis, sessions, starting, queued, draining, FACTS.cpuPercent(), 1L << 30, FACTS.load1());
    }

    private static NodeFacts facts(
            int cpuMillis,
            int sessions,
            int starting,
            int queued,
            boolean draining,
            double cpuPercent,
            long memoryUsedBytes,
            double load1) {
        return new NodeFacts(
                N2,
                FACTS.version(),
                NOW,
                FACTS.capacity(),
                new Resources(cpuMillis, 1L << 30),
                sessions,
                starting,
                queued,
                draining,
                cpuPercent,
                memoryUsedBytes,
                FACTS.memoryTotalBytes(),
                load1,
                FACTS.isolation(),
                FACTS.metadata());
    }

    @Test
    void more_sessions_than_fit_are_left_out_and_counted() {
        List<Session> many = new java.util.ArrayList<>();
        for (int i = 0; i < 5_000; i++) many.add(session(i, new SessionState.Reserved(NOW, 0)));
        Map<String, String> said = new SelfSaid().entries(view(many), MORE, Map.of(), 1);
        assertThat(said.get(SelfSaid.SESSIONS)).hasSizeLessThanOrEqualTo(SelfSaid.LONG_MOST);
        Hint hint = new SelfSaid().read(said, N2, NOW).orElseThrow();
        assertThat(hint.sessions().size() + hint.sessionsLeftOut()).isEqualTo(5_000);
        assertThat(hint.sessions()).hasSizeGreaterThan(200);
    }

    @Test
    void an_entry_that_is_missing_or_nonsense_makes_the_whole_count_for_nothing() {
        Map<String, String> said = new SelfSaid().entries(view(List.of()), MORE, Map.of(), 1);
        SelfSaid reader = new SelfSaid();
        for (String entry : said.keySet())
            for (String nonsense :
                    List.of("", "{}", "null", "[]", "{\"live\":[{}]}", "{\"apps\":[\"../x\"]}", "\u0000")) {
                Map<String, String> spoilt = new HashMap<>(said);
                spoilt.put(entry, nonsense);
                assertThat(reader.read(spoilt, N2, NOW))
                        .as("%s=%s", entry, nonsense)
                        .isEmpty();
                assertThat(reader.read(said, N2, NOW)).as("after %s", nonsense).isPresent();
            }
    }

    @Test
    void a_flipped_character_never_breaks_the_reader() {
        Map<String, String> said =
                new SelfSaid().entries(view(List.of(session(1, new SessionState.Reserved(NOW, 0)))), MORE, Map.of(), 1);
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < 200; i++)
            for (String entry : said.keySet()) {
                StringBuilder text = new StringBuilder(said.get(entry));
                text.setCharAt(random.nextInt(text.length()), (char) random.nextInt(128));
                Map<String, String> spoilt = new HashMap<>(said);
                spoilt.put(entry, text.toString());
                assertThat(new SelfSaid().read(spoilt, N2, NOW)).isNotNull();
            }
    }

    @Test
    void fields_of_a_newer_version_are_passed_over() {
        Map<String, String> said = new HashMap<>(new SelfSaid().entries(view(List.of()), MORE, Map.of(), 1));
        said.computeIfPresent(SelfSaid.LOAD, (_, text) -> text.replaceFirst("\\{", "{\"temperature\":50,"));
        assertThat(new SelfSaid().read(said, N2, NOW)).isPresent();
    }

    @Test
    void a_node_whose_agent_has_said_nothing_yet_says_nothing() {
        assertThat(new SelfSaid().entries(View.EMPTY, MORE, Map.of(), 1)).isEmpty();
    }

    private static View view(List<Session> sessions) {
        Map<SessionId, Session> all = new HashMap<>();
        for (Session session : sessions) all.put(session.id(), session);
        return new View(1, all, Map.of(), List.of(FACTS));
    }

    private static View view(NodeFacts facts) {
        return new View(1, Map.of(), Map.of(), List.of(facts));
    }

    private static Session session(int number, SessionState state) {
        byte[] random = new byte[10];
        random[8] = (byte) (number >> 8);
        random[9] = (byte) number;
        return new Session(
                SessionId.of(random),
                new SessionKey(new UserId("ada"), new AppId("faithful"), "s" + number),
                new KindId("shiny"),
                Resources.NONE,
                N2,
                NOW,
                state);
    }
}
