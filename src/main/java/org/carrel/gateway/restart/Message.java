package org.carrel.gateway.restart;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.carrel.domain.Require.require;

import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.carrel.api.Json;
import org.carrel.domain.session.SessionId;
import org.carrel.domain.user.Principal;
import org.carrel.domain.user.Scope;
import org.carrel.domain.user.UserId;
import org.carrel.gateway.websocket.FrameTracker;
import org.carrel.http.Request.Proof;
import org.carrel.port.Identities;
import org.carrel.port.Identities.Identity.Known;
import org.carrel.port.Knock.Traffic;
import org.jspecify.annotations.Nullable;

/// What two Carrels say to each other when one takes the other's place. A packet each: a word, a space, JSON. Unknown
/// fields are skipped, so that versions may differ; what can't be understood at all has another protocol number.
///
/// ```
/// successor   Ask                     Ready                                    Took
/// predecessor     Place [1]                 Kept [2] … Relayed [3] … Yours          Kept … Relayed … Busy … (end)
///
/// [1] with its standard output, standard error and listening sockets   [2] with the client's socket
/// [3] with the client's and the session's socket
/// ```
public sealed interface Message {
    int PROTOCOL = 1;

    /// asked by `carrel upgrade`
    record Who() implements Message {}

    /// @param uid         as whom it was started; 0: with a starter, whoever it runs as now
    /// @param words       of its command line, without secrets
    /// @param environment of its settings, without secrets
    record Me(long pid, int uid, String version, List<String> words, String directory, Map<String, String> environment)
            implements Message {
        public Me {
            requireNonNull(version);
            requireNonNull(directory);
            words = List.copyOf(words);
            environment = Map.copyOf(environment);
        }
    }

    record Ask(int protocol, long pid, String version) implements Message {
        public Ask {
            requireNonNull(version);
        }
    }

    /// @param uid as whom it was started
    record Place(long pid, int uid, String version) implements Message {
        public Place {
            requireNonNull(version);
        }
    }

    /// instead of any other answer; the predecessor goes on as before
    record Refused(String why) implements Message {
        public Refused {
            requireNonNull(why);
        }
    }

    record Ready() implements Message {}

    /// @param busy connections that stay with the predecessor until they end
    record Yours(int busy) implements Message {
        public Yours {
            require(busy >= 0, "fewer than no connections");
        }
    }

    record Took() implements Message {}

    /// connections that are still with the predecessor, all of them
    record Busy(List<Use> uses) implements Message {
        public Busy {
            uses = List.copyOf(uses);
        }
    }

    /// @param connections of one user to one session, at least one
    record Use(Holder holder, int connections) {
        public Use {
            requireNonNull(holder);
            require(connections > 0, "a use without a connection");
        }
    }

    /// Comes with sockets.
    sealed interface Handed extends Message {
        int files();
    }

    /// A client between two requests.
    /// @param early bytes of its next request that were read already
    record Kept(byte[] early) implements Handed {
        public Kept {
            requireNonNull(early);
        }

        @Override
        public int files() {
            return 1;
        }
    }

    /// A connection that is no longer HTTP.
    /// @param talk of a WebSocket; else bytes pass unseen
    record Relayed(Holder holder, @Nullable Talk talk) implements Handed {
        public Relayed {
            requireNonNull(holder);
        }

        @Override
        public int files() {
            return 2;
        }
    }

    /// @param query    of the request that opened it
    /// @param extended the session agreed to an extension
    /// @param up       where the frames from the browser stand
    /// @param down     where those from the session stand
    record Talk(String query, boolean extended, FrameTracker.State up, FrameTracker.State down) {
        public Talk {
            requireNonNull(query);
            requireNonNull(up);
            requireNonNull(down);
        }
    }

    /// Who is connected to what: enough to ask for admission again.
    /// @param claim of the proof's standing
    record Holder(
            String session,
            String user,
            List<String> groups,
            List<String> scopes,
            String traffic,
            String proof,
            String claim) {
        public Holder {
            requireNonNull(session);
            requireNonNull(user);
            requireNonNull(traffic);
            requireNonNull(proof);
            requireNonNull(claim);
            groups = List.copyOf(groups);
            scopes = List.copyOf(scopes);
        }

        public static Holder of(SessionId session, Known known, Traffic traffic) {
            Principal by = known.principal();
            return new Holder(
                    session.value(),
                    by.user().value(),
                    by.groups().stream().sorted().toList(),
                    by.scopes().stream().map(Scope::word).sorted().toList(),
                    traffic.name(),
                    known.proof().name(),
                    known.standing().claim());
        }

        /// @throws IllegalArgumentException when it isn't one
        public SessionId sessionId() {
            return new SessionId(session);
        }

        /// @throws IllegalArgumentException when it isn't one
        public Principal principal() {
            return new Principal(
                    new UserId(user),
                    groups.stream().collect(Collectors.toSet()),
                    scopes.stream().flatMap(word -> Scope.of(word).stream()).collect(Collectors.toSet()));
        }

        /// @return empty when its proof no longer holds
        /// @throws IllegalArgumentException when it isn't one
        public Optional<Known> known(Identities identities) {
            Proof by = Proof.valueOf(proof);
            // nobody proved anything, so nothing can have ended; the agent is asked again whom it lets in
            if (by == Proof.NONE && user.equals(UserId.ANYBODY.value())) return Optional.of(Known.ANYBODY);
            return identities.again(by, claim, principal());
        }

        /// @throws IllegalArgumentException when it isn't one
        public Traffic kind() {
            return Traffic.valueOf(traffic);
        }
    }

    Map<String, Class<? extends Message>> WORDS = Stream.<Class<? extends Message>>of(
                    Who.class,
                    Me.class,
                    Ask.class,
                    Place.class,
                    Refused.class,
                    Ready.class,
                    Yours.class,
                    Took.class,
                    Busy.class,
                    Kept.class,
                    Relayed.class)
            .collect(Collectors.toUnmodifiableMap(Message::word, type -> type));

    static String text(Message message) {
        return word(message.getClass()) + " " + Json.text(message);
    }

    /// Fields that must be there are; texts in them are whatever was sent.
    /// @throws IOException when it is none of these, or not whole
    static Message parse(String text) throws IOException {
        int space = text.indexOf(' ');
        Class<? extends Message> type = space < 0 ? null : WORDS.get(text.substring(0, space));
        if (type == null) throw new IOException("a message this version doesn't know");
        return Json.readAnswer(text.substring(space + 1).getBytes(UTF_8), type);
    }

    private static String word(Class<?> type) {
        return type.getSimpleName().toLowerCase(Locale.ROOT);
    }
}
