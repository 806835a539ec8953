package org.carrel.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Set;
import org.carrel.domain.member.Candidate;
import org.carrel.domain.member.Claim;
import org.carrel.domain.member.Island;
import org.carrel.domain.node.NodeId;
import org.carrel.domain.node.NodeName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ClaimInfoTest {
    private static final String RIGHT =
            "{\"node\":\"0000000000000001\",\"name\":\"n1\",\"cluster\":\"lab\",\"address\":\"n1:7444\",\"run\":\"1\","
                    + "\"door\":\"n1:7443\"}";

    @Test
    void what_one_node_says_is_what_the_other_reads() throws Exception {
        Claim looking = claim(Optional.empty());
        Claim member = claim(Optional.of(new Island("a", 2, "n1:7444#1", Set.of("n1:7444#1", "n2:7444#1"))));
        for (Claim claim : new Claim[] {looking, member})
            assertThat(Json.readAnswer(Json.bytes(ClaimInfo.of(claim)), ClaimInfo.class)
                            .claim())
                    .isEqualTo(claim);
        assertThat(read(RIGHT)).isEqualTo(looking);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{\"node\":\"x\"}",
                "{\"node\":\"../..\",\"name\":\"n1\",\"cluster\":\"lab\",\"address\":\"a\",\"run\":\"1\",\"door\":\"d\"}",
                "{\"node\":\"0000000000000001\",\"name\":\"n1\",\"cluster\":\"lab\",\"address\":\"a\",\"run\":\"1\","
                        + "\"door\":\"d\",\"island\":{}}",
                "{\"node\":\"0000000000000001\",\"name\":\"n1\",\"cluster\":\"lab\",\"address\":\"a\",\"run\":\"1\","
                        + "\"door\":\"d\",\"island\":{\"id\":\"a\",\"reachable\":0,\"oldest\":\"o\",\"members\":[]}}"
            })
    void nonsense_is_no_claim(String text) {
        assertThatThrownBy(() -> read(text)).isInstanceOf(IllegalArgumentException.class);
    }

    private static Claim read(String text) throws Exception {
        return Json.readAnswer(text.getBytes(StandardCharsets.UTF_8), ClaimInfo.class)
                .claim();
    }

    private static Claim claim(Optional<Island> island) {
        return new Claim(
                new NodeId("0000000000000001"),
                new NodeName("n1"),
                "lab",
                "n1:7444",
                "1",
                new Candidate("n1", 7443),
                island);
    }
}
