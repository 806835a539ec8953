package org.carrel.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.carrel.domain.node.Metadata;
import org.carrel.domain.node.Metadata.Change;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MetadataFileTest {
    @TempDir
    private Path directory;

    @Test
    void what_was_set_is_there_after_a_restart() throws IOException {
        MetadataFile first = MetadataFile.open(directory);
        assertThat(first.present()).isEqualTo(Metadata.NONE);
        first.change(Change.set("rack", "b2"));
        first.change(Change.set("quote", "\"é\\"));
        MetadataFile second = MetadataFile.open(directory);
        assertThat(second.present().entries()).isEqualTo(Map.of("rack", "b2", "quote", "\"é\\"));
        second.change(Change.remove("rack"));
        assertThat(MetadataFile.open(directory).present().entries()).containsOnlyKeys("quote");
    }

    @Test
    void any_damaged_byte_is_noticed_and_healed_from_the_copy() throws IOException {
        MetadataFile.open(directory).change(Change.set("rack", "b2"));
        byte[] whole = Files.readAllBytes(directory.resolve("metadata"));
        for (int i = 0; i < whole.length; i++) {
            byte[] spoilt = whole.clone();
            spoilt[i] ^= 1;
            Files.write(directory.resolve("metadata"), spoilt);
            MetadataFile opened = MetadataFile.open(directory);
            assertThat(opened.present().entries()).as("byte %d", i).containsExactly(Map.entry("rack", "b2"));
            assertThat(opened.wasLost()).isFalse();
        }
    }

    @Test
    void where_both_copies_are_damaged_they_are_laid_aside_and_it_goes_on() throws IOException {
        MetadataFile.open(directory).change(Change.set("rack", "b2"));
        for (String name : new String[] {"metadata", "metadata.bak"}) Files.writeString(directory.resolve(name), "x");
        MetadataFile opened = MetadataFile.open(directory);
        assertThat(opened.present()).isEqualTo(Metadata.NONE);
        assertThat(opened.wasLost()).isTrue();
        assertThat(directory.resolve("metadata.damaged")).hasContent("x");
        opened.change(Change.set("rack", "b3"));
        assertThat(MetadataFile.open(directory).present().entries()).containsEntry("rack", "b3");
        assertThat(MetadataFile.open(directory).wasLost()).isFalse();
    }

    @Test
    void what_cannot_be_written_is_not_remembered() throws IOException {
        MetadataFile opened = MetadataFile.open(directory.resolve("missing"));
        assertThatThrownBy(() -> opened.change(Change.set("rack", "b2"))).isInstanceOf(IOException.class);
        assertThat(opened.present()).isEqualTo(Metadata.NONE);
    }
}
