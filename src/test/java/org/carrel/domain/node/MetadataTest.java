package org.carrel.domain.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class MetadataTest {
    @Test
    void what_is_set_is_there_and_what_is_removed_is_not() {
        Metadata one = Metadata.NONE.with(new Metadata.Change(Map.of("rack", "b2", "owner", "lab 7"), Set.of()));
        assertThat(one.entries()).containsOnly(Map.entry("rack", "b2"), Map.entry("owner", "lab 7"));
        Metadata two = one.with(new Metadata.Change(Map.of("rack", "b3"), Set.of("owner", "unknown")));
        assertThat(two.entries()).containsOnly(Map.entry("rack", "b3"));
    }

    @Test
    void keys_and_values_have_bounds() {
        for (String key : List.of("", "A", "a b", "a/b", "a".repeat(65)))
            assertThatThrownBy(() -> Metadata.Change.set(key, "x")).isInstanceOf(IllegalArgumentException.class);
        for (String value : List.of("a\nb", "\u001b[2J", "x".repeat(257)))
            assertThatThrownBy(() -> Metadata.Change.set("key", value)).isInstanceOf(IllegalArgumentException.class);
        assertThat(Metadata.Change.set("a".repeat(64), "é".repeat(256)).set()).hasSize(1);
    }

    @Test
    void there_are_at_most_64_entries_and_a_full_one_can_still_be_changed() {
        Map<String, String> many = new HashMap<>();
        for (int i = 0; i < 64; i++) many.put("k" + i, "v");
        Metadata full = new Metadata(many);
        assertThatThrownBy(() -> full.with(Metadata.Change.set("one-more", "")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("at most 64");
        assertThat(full.with(Metadata.Change.set("k1", "w")).entries()).containsEntry("k1", "w");
        assertThat(full.with(new Metadata.Change(Map.of("new", "w"), Set.of("k1")))
                        .entries())
                .hasSize(64);
    }
}
