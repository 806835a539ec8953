package org.carrel.door;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.carrel.api.Json;
import org.carrel.domain.session.SessionId;
import org.carrel.domain.user.UserId;
import org.carrel.door.DoorCounts.Turned;
import org.carrel.port.Admission.Verdict;
import org.carrel.support.FakeAgent;
import org.carrel.trust.Role;
import org.carrel.trust.Trust;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What the roles of a certificate let a node ask for, at a real door.
class RolesTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @TempDir
    private Path temp;

    private final List<String> answered = new CopyOnWriteArrayList<>();
    private final AtomicInteger knocks = new AtomicInteger();
    private Lab lab;
    private Door door;

    @BeforeEach
    void open() throws IOException {
        lab = new Lab(temp);
        FakeAgent agent = FakeAgent.withApps();
        door = lab.door(
                lab.node("owner", Role.ALL),
                DoorLimits.DEFAULT,
                knock -> {
                    knocks.incrementAndGet();
                    return new Verdict.Absent();
                },
                agent,
                (peer, path, body) -> {
                    answered.add(path);
                    return Json.bytes(Map.of());
                });
    }

    @AfterEach
    void close() throws Exception {
        lab.close();
    }

    private static List<Verb> calls() {
        return EnumSet.complementOf(EnumSet.of(Verb.SESSION)).stream().toList();
    }

    private void ask(PeerCalls calls, Verb verb) throws IOException, InterruptedException {
        calls.call(door.address(), verb.path(), Map.of(), Map.class, PATIENCE);
    }

    @Test
    void each_role_is_answered_what_it_may_ask_and_refused_everything_else() throws Exception {
        long refused = 0;
        for (Role role : Role.values()) {
            PeerCalls calls = lab.keep(new PeerCalls(lab.node(role.word(), Set.of(role))));
            for (Verb verb : calls()) {
                answered.clear();
                if (verb.asks().contains(role)) {
                    ask(calls, verb);
                    assertThat(answered).containsExactly(verb.path());
                    continue;
                }
                refused++;
                assertThatIOException()
                        .as("%s asks %s", role, verb)
                        .isThrownBy(() -> ask(calls, verb))
                        .withMessageContaining("403")
                        .withMessageContaining("certificate of this one says " + role.word());
                assertThat(answered).isEmpty();
            }
        }
        assertThat(door.counts().turned(Turned.ROLE)).isEqualTo(refused);
    }

    @Test
    void an_agent_may_ask_for_nothing_in_a_user_s_name() {
        List<Verb> asked = calls().stream()
                .filter(verb -> verb.asks().contains(Role.AGENT))
                .toList();
        assertThat(asked)
                .containsExactlyInAnyOrder(
                        Verb.SHUT_OUT,
                        Verb.CLAIM,
                        Verb.RENEW,
                        Verb.HOME_BOOK,
                        Verb.HOME_OPEN,
                        Verb.HOME_PIECE,
                        Verb.HOME_ARRIVED);
    }

    @Test
    void a_preface_of_a_machine_that_is_no_gateway_gets_no_further() throws Exception {
        MultiThreadIoEventLoopGroup group = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
        EventLoop loop = group.next();
        try {
            Trust agent = lab.node("agent", Set.of(Role.AGENT));
            assertThat(status(loop, agent)).isEqualTo(Status.ROLE);
            assertThat(knocks).as("the owner was not even asked").hasValue(0);
            assertThat(door.counts().turned(Turned.ROLE)).isEqualTo(1);
            assertThat(status(loop, lab.node("gateway", Set.of(Role.GATEWAY)))).isEqualTo(Status.ABSENT);
        } finally {
            group.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
        }
    }

    private Status status(EventLoop loop, Trust by) {
        try {
            Talk.open(loop, door.address(), by, new UserId("ada"), new SessionId("adaadaadaadaadaa"));
            throw new AssertionError("let in");
        } catch (java.util.concurrent.CompletionException refused) {
            return ((Refused) refused.getCause()).status();
        }
    }

    @Test
    void a_call_that_is_not_in_the_table_is_nobody_s() throws Exception {
        PeerCalls calls = lab.keep(new PeerCalls(lab.node("both", Role.ALL)));
        assertThatIOException()
                .isThrownBy(() -> calls.call(door.address(), "/v1/new", Map.of(), Map.class, PATIENCE))
                .withMessageContaining("404");
        assertThat(answered).isEmpty();
        List<String> missing = new ArrayList<>();
        for (Field word : Stream.of(Words.class, HomeWords.class)
                .flatMap(words -> Stream.of(words.getDeclaredFields()))
                .filter(field -> field.getType() == String.class)
                .toList()) {
            String path = (String) word.get(null);
            if (Optional.ofNullable(path).flatMap(Verb::of).isEmpty()) missing.add(word.getName());
        }
        assertThat(missing).isEmpty();
    }
}
