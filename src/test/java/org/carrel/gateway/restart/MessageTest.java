package org.carrel.gateway.restart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.carrel.api.Json;
import org.carrel.domain.route.Origin;
import org.carrel.domain.session.SessionId;
import org.carrel.gateway.restart.Message.Ask;
import org.carrel.gateway.restart.Message.Busy;
import org.carrel.gateway.restart.Message.Holder;
import org.carrel.gateway.restart.Message.Kept;
import org.carrel.gateway.restart.Message.Me;
import org.carrel.gateway.restart.Message.Place;
import org.carrel.gateway.restart.Message.Ready;
import org.carrel.gateway.restart.Message.Refused;
import org.carrel.gateway.restart.Message.Relayed;
import org.carrel.gateway.restart.Message.Talk;
import org.carrel.gateway.restart.Message.Took;
import org.carrel.gateway.restart.Message.Use;
import org.carrel.gateway.restart.Message.Who;
import org.carrel.gateway.restart.Message.Yours;
import org.carrel.gateway.websocket.FrameTracker;
import org.carrel.http.RequestHead;
import org.carrel.port.Identities;
import org.carrel.port.Identities.Identity;
import org.carrel.port.Knock.Traffic;
import org.junit.jupiter.api.Test;

class MessageTest {
    private static final Holder ADA =
            new Holder("s1", "ada", List.of("staff"), List.of("use"), "WEBSOCKET", "COOKIE", "c-1");
    private static final FrameTracker.State STATE = new FrameTracker(true, false, 1).state();

    private static final List<Message> ALL = List.of(
            new Who(),
            new Me(812, 0, "0.4", List.of("up", "--config", "a b"), "/srv", Map.of("CARREL_LOG", "json")),
            new Ask(Message.PROTOCOL, 933, "0.5"),
            new Place(812, 0, "0.4"),
            new Refused("no"),
            new Ready(),
            new Yours(3),
            new Took(),
            new Busy(List.of(new Use(ADA, 2))),
            new Relayed(ADA, null),
            new Relayed(ADA, new Talk("/ws?a=é", true, STATE, STATE)));

    @Test
    void what_is_said_is_understood() throws IOException {
        for (Message message : ALL)
            assertThat(Message.parse(Message.text(message))).isEqualTo(message);
        Kept kept = (Kept) Message.parse(Message.text(new Kept(new byte[] {0, -1, 10})));
        assertThat(kept.early()).containsExactly(0, -1, 10);
    }

    @Test
    void the_largest_of_each_fits_into_a_packet() {
        byte[] early = new byte[64 * 1024];
        new Random(1).nextBytes(early);
        assertThat(Message.text(new Kept(early))).hasSizeLessThan(PacketSocket.PACKET_BYTES);
    }

    @Test
    void unknown_fields_are_skipped_because_the_other_may_be_newer() throws IOException {
        assertThat(Message.parse("yours {\"busy\":1,\"mood\":{\"good\":[true]}}"))
                .isEqualTo(new Yours(1));
    }

    @Test
    void an_unknown_word_is_no_message() {
        for (String text :
                List.of("", " ", "who", "WHO {}", "who{}", "shutdown {}", "handed {}", "message {}", "\0 {}"))
            assertRefused(text);
    }

    @Test
    void a_message_cut_anywhere_is_no_message() {
        for (Message message : all()) {
            String text = Message.text(message);
            for (int end = 0; end < text.length(); end++) assertRefused(text.substring(0, end));
        }
    }

    /// Numbers that are missing count as 0, which none of them may do harm with; whatever else is missing is refused.
    @Test
    void a_field_that_is_missing_or_null_or_of_another_type_is_told() throws IOException {
        int tried = 0;
        for (Message message : all()) {
            String text = Message.text(message);
            String word = text.substring(0, text.indexOf(' '));
            JsonNode whole = Json.readTree(text.substring(word.length() + 1).getBytes(StandardCharsets.UTF_8));
            for (Map.Entry<String, JsonNode> field : whole.properties()) {
                if (field.getKey().equals("talk")) continue; // a raw relay has none
                for (String other : List.of("null", "[[1]]", "{\"a\":{}}")) {
                    if (other.equals("null") && field.getValue().isNumber()) continue;
                    if (other.startsWith("{")
                            && field.getValue().isObject()
                            && field.getKey().equals("environment")) continue;
                    ObjectNode changed = whole.deepCopy();
                    changed.set(field.getKey(), Json.readTree(other.getBytes(StandardCharsets.UTF_8)));
                    assertRefused(word + " " + changed);
                    tried++;
                }
            }
        }
        assertThat(tried).isGreaterThan(30);
    }

    @Test
    void numbers_that_can_not_be_are_refused() {
        assertRefused("yours {\"busy\":-1}");
        assertRefused("yours {\"busy\":99999999999}");
        assertRefused("yours {\"busy\":1" + "0".repeat(100) + "}");
        assertRefused("place {\"pid\":1e400,\"uid\":0,\"version\":\"1\"}");
        String holder = Json.text(ADA);
        assertRefused("busy {\"uses\":[{\"holder\":" + holder + ",\"connections\":0}]}");
        assertRefused("busy {\"uses\":[{\"holder\":" + holder + ",\"connections\":-2147483648}]}");
        assertRefused("busy {\"uses\":[null]}");
        assertRefused("busy {\"uses\":[{\"connections\":1}]}");
        assertRefused("busy {\"uses\":[{\"holder\":{\"session\":\"s1\"},\"connections\":1}]}");
        assertRefused("relayed {\"holder\":" + holder + ",\"talk\":{\"query\":\"\",\"up\":null,\"down\":null}}");
    }

    @Test
    void depth_and_doubled_fields_are_refused() {
        assertRefused("refused " + "[".repeat(50_000));
        assertRefused("yours {\"busy\":1,\"x\":" + "[".repeat(50) + "]".repeat(50) + "}");
        assertRefused("yours {\"busy\":1,\"busy\":2}");
    }

    @Test
    void bytes_turned_at_random_are_a_message_or_a_refusal_and_nothing_else() {
        Random random = new Random(20261122);
        List<Message> all = all();
        int understood = 0;
        for (int round = 0; round < 20_000; round++) {
            byte[] bytes = Message.text(all.get(random.nextInt(all.size()))).getBytes(StandardCharsets.UTF_8);
            for (int i = random.nextInt(4); i >= 0; i--) bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
            try {
                Message.parse(new String(bytes, StandardCharsets.UTF_8));
                understood++;
            } catch (IOException refused) {
                // what a caller is ready for
            }
        }
        assertThat(understood).isBetween(100, 19_900);
    }

    @Test
    void a_holder_that_names_nobody_can_not_become_a_knock() {
        for (Holder wrong : List.of(
                new Holder("../s", "ada", List.of(), List.of(), "WEBSOCKET", "COOKIE", ""),
                new Holder("s", "ada", List.of(), List.of(), "PIGEON", "COOKIE", ""),
                new Holder("s", "a\nb", List.of(), List.of(), "WEBSOCKET", "COOKIE", "")))
            assertThatThrownBy(() -> {
                        wrong.sessionId();
                        wrong.principal();
                        wrong.kind();
                    })
                    .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void whoever_was_not_signed_in_is_nobody_again_and_no_user_without_a_proof() {
        Identities nothing = new Identities() {
            @Override
            public Identity identify(RequestHead head, Origin origin) {
                return new Identity.Nobody();
            }

            @Override
            public long version() {
                return 0;
            }
        };
        Holder nobody = Holder.of(new SessionId("adaadaadaadaadaa"), Identity.Known.ANYBODY, Traffic.WEBSOCKET);
        assertThat(nobody.known(nothing)).contains(Identity.Known.ANYBODY);
        assertThat(new Holder("s", "ada", List.of(), List.of("use"), "WEBSOCKET", "NONE", "").known(nothing))
                .isEmpty();
        assertThat(new Holder("s", "_anybody", List.of(), List.of("use"), "WEBSOCKET", "COOKIE", "").known(nothing))
                .isEmpty();
    }

    private static List<Message> all() {
        List<Message> all = new ArrayList<>(ALL);
        all.add(new Kept("GET / HTTP/1.1".getBytes(StandardCharsets.US_ASCII)));
        return all;
    }

    private static void assertRefused(String text) {
        assertThatThrownBy(() -> Message.parse(text)).as(text).isInstanceOf(IOException.class);
    }
}
