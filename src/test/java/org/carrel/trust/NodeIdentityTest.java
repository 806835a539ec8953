package org.carrel.trust;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NodeIdentityTest {
    private static final String MACHINE = "aaaaaaaaaaaaaaaa";
    private static final String CARD_A = "1111111111111111";
    private static final String CARD_B = "2222222222222222";
    private static final String CARD_C = "3333333333333333";

    @TempDir
    private Path temp;

    private Path directory;

    @BeforeEach
    void place() {
        directory = temp.resolve("node");
    }

    @Test
    void stays_the_same_over_restarts() throws IOException {
        NodeIdentity first = NodeIdentity.open(directory, machine(MACHINE, CARD_A));
        assertThat(NodeIdentity.open(directory, machine(MACHINE, CARD_A))).isEqualTo(first);
        assertThat(NodeIdentity.open(directory).id()).as("on the real machine").isNotNull();
    }

    @Test
    void a_copied_card_with_the_same_machine_id_notices_the_other_board() throws IOException {
        NodeIdentity first = NodeIdentity.open(directory, machine(MACHINE, CARD_A));
        NodeIdentity copy = NodeIdentity.open(directory, machine(MACHINE, CARD_B));
        assertThat(copy.id()).isNotEqualTo(first.id());
        assertThat(copy.copiedFrom()).contains(first.id());
        assertThat(directory.resolve("id.of-" + first.id())).exists();
        NodeIdentity again = NodeIdentity.open(directory, machine(MACHINE, CARD_B));
        assertThat(again).isEqualTo(new NodeIdentity(copy.id(), Optional.empty()));
    }

    @Test
    void a_copied_disk_of_a_machine_without_own_parts_is_told_by_its_machine_id() throws IOException {
        NodeIdentity first = NodeIdentity.open(directory, machine(MACHINE));
        assertThat(NodeIdentity.open(directory, machine("bbbbbbbbbbbbbbbb")).copiedFrom())
                .contains(first.id());
    }

    @Test
    void new_network_cards_one_after_the_other_and_a_new_system_are_the_same_machine() throws IOException {
        NodeIdentity first = NodeIdentity.open(directory, machine(MACHINE, CARD_A));
        NodeIdentity.open(directory, machine(MACHINE, CARD_A, CARD_B));
        assertThat(NodeIdentity.open(directory, machine("bbbbbbbbbbbbbbbb", CARD_B)))
                .isEqualTo(first);
        assertThat(NodeIdentity.open(directory, machine("bbbbbbbbbbbbbbbb", CARD_A, CARD_C)))
                .as("an old card comes back")
                .isEqualTo(first);
    }

    @Test
    void where_nothing_can_be_compared_the_machine_is_the_same() throws IOException {
        NodeIdentity first = NodeIdentity.open(directory, machine(MACHINE, CARD_A));
        assertThat(NodeIdentity.open(directory, new Machine(Optional.empty(), Set.of())))
                .isEqualTo(first);
        assertThat(NodeIdentity.open(directory, machine(MACHINE, CARD_B)).copiedFrom())
                .as("and what was known isn't forgotten by it")
                .contains(first.id());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "node 12\n",
                "node 0123456789abcdef\nhardware x\n",
                "\0\1\2\377",
                "machine-id aaaaaaaaaaaaaaaa\n"
            })
    void a_damaged_file_is_left_as_it_is_and_named_with_the_next_step(String content) throws IOException {
        NodeIdentity.open(directory, machine(MACHINE, CARD_A));
        Path file = directory.resolve("id");
        Files.writeString(file, content);
        assertThatIOException()
                .isThrownBy(() -> NodeIdentity.open(directory, machine(MACHINE, CARD_A)))
                .withMessageContaining(file + " is damaged; delete it");
        assertThat(file).hasContent(content);
    }

    @Test
    void a_machine_is_read_by_its_parts() throws IOException {
        put("etc/machine-id", "0123\n");
        put("proc/device-tree/serial-number", "10000000abcdef\0");
        put("sys/class/net/eth0/address", "dc:a6:32:00:00:01\n");
        Files.createDirectories(temp.resolve("sys/class/net/eth0/device"));
        put("sys/class/net/docker0/address", "02:42:00:00:00:01\n");
        put("sys/class/net/lo/address", "00:00:00:00:00:00\n");
        Machine read = Machine.read(temp);
        assertThat(read.installed()).hasValueSatisfying(hash -> assertThat(hash).matches("[0-9a-f]{16}"));
        assertThat(read.hardware()).as("the board and one real card").hasSize(2);
        assertThat(Machine.read(temp.resolve("nothing"))).isEqualTo(new Machine(Optional.empty(), Set.of()));
    }

    private void put(String name, String content) throws IOException {
        Path file = temp.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, content);
    }

    private static Machine machine(String installed, String... hardware) {
        return new Machine(Optional.of(installed), Set.of(hardware));
    }
}
