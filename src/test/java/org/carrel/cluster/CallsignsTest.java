package org.carrel.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import org.carrel.domain.node.NodeId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CallsignsTest {
    private static final NodeId ID = new NodeId("00000000000000a1");
    private final Callsigns ours = new Callsigns(new byte[32]);

    @Test
    void holders_of_one_key_know_each_other() {
        String name = ours.of(ID);
        assertThat(name).startsWith(ID.value()).hasSizeLessThan(64);
        assertThat(new Callsigns(new byte[32]).isOurs(name)).isTrue();
    }

    @Test
    void another_key_or_another_id_is_a_strangers() {
        byte[] other = new byte[32];
        other[31] = 1;
        String name = ours.of(ID);
        assertThat(new Callsigns(other).isOurs(name)).isFalse();
        assertThat(ours.isOurs(name.replace("a1-", "a2-"))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-", "00000000000000a1", "00000000000000a1-", "-0011223344556677", "é-\u0000", "a-b-c"})
    void what_was_never_a_name_is_a_strangers(String name) {
        assertThat(ours.isOurs(name)).isFalse();
    }
}
