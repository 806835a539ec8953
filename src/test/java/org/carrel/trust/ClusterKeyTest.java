package org.carrel.trust;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.carrel.support.TestClock;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ClusterKeyTest {
    private static final ClusterName LAB = new ClusterName("lab");

    @TempDir
    private Path temp;

    private Path directory;

    @BeforeEach
    void make() throws IOException {
        directory = temp.resolve("etc/key");
        ClusterKey.make(directory, LAB, new TestClock().instant());
    }

    @Test
    void is_found_again_as_it_was_made() throws IOException {
        ClusterKey key = ClusterKey.open(directory);
        assertThat(key.cluster()).isEqualTo(LAB);
        assertThat(key.fingerprint())
                .matches("[0-9a-f]{16}")
                .isEqualTo(ClusterKey.open(directory).fingerprint());
        assertThat(key.derive("cookies")).hasSize(32).isNotEqualTo(key.derive("something else"));
    }

    @Test
    void only_its_owner_can_read_any_of_it() throws IOException {
        try (Stream<Path> all = Files.walk(directory)) {
            for (Path path : all.toList())
                assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
                        .as(path.toString())
                        .isEqualTo(Files.isDirectory(path) ? "rwx------" : "rw-------");
        }
    }

    @Test
    void is_never_written_over() throws IOException {
        Map<Path, String> before = contents();
        assertThatIOException()
                .isThrownBy(() -> ClusterKey.make(directory, LAB, new TestClock().instant()))
                .withMessageContaining("is there already")
                .withMessageContaining("--key DIR");
        assertThat(contents()).isEqualTo(before);
    }

    @Test
    void half_a_directory_of_a_make_that_was_cut_off_is_no_hindrance() throws IOException {
        Path other = temp.resolve("other");
        Files.createDirectory(temp.resolve(".other.new"));
        Files.writeString(temp.resolve(".other.new/ca.crt"), "half");
        ClusterKey.make(other, LAB, new TestClock().instant());
        assertThat(ClusterKey.open(other).cluster()).isEqualTo(LAB);
        assertThat(temp.resolve(".other.new")).doesNotExist();
    }

    @Test
    void where_there_is_none_the_message_says_how_to_get_one() {
        assertThatIOException()
                .isThrownBy(() -> ClusterKey.open(temp.resolve("nowhere")))
                .withMessageContaining("carrel init --key " + temp.resolve("nowhere"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"ca.crt", "ca.key", "secret"})
    void what_others_may_read_is_refused_with_the_command_that_mends_it(String name) throws IOException {
        Path file = directory.resolve(name);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
        assertThatIOException().isThrownBy(() -> ClusterKey.open(directory)).withMessageContaining("chmod 600 " + file);
    }

    @Test
    void a_directory_that_others_may_enter_is_refused() throws IOException {
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-x---"));
        assertThatIOException().isThrownBy(() -> ClusterKey.open(directory)).withMessageContaining("chmod -R");
    }

    @ParameterizedTest
    @ValueSource(strings = {"ca.crt", "ca.key", "secret"})
    void a_file_that_is_missing_cut_off_or_garbage_is_named_and_nothing_is_lost(String name) throws IOException {
        Path file = directory.resolve(name);
        byte[] sound = Files.readAllBytes(file);
        byte[] garbage = new byte[500];
        new Random(7).nextBytes(garbage);
        byte[] flipped = sound.clone();
        flipped[sound.length / 2] ^= 1;
        for (byte[] content : new byte[][] {
            {}, Arrays.copyOf(sound, sound.length / 2), Arrays.copyOf(sound, 30), garbage, new byte[100_000]
        }) {
            Files.write(file, content);
            assertThatIOException()
                    .isThrownBy(() -> ClusterKey.open(directory))
                    .withMessageContaining(file.toString())
                    .withMessageContaining("copy the whole key directory anew");
            assertThat(file).hasBinaryContent(content);
        }
        Files.delete(file);
        assertThatIOException()
                .isThrownBy(() -> ClusterKey.open(directory))
                .withMessageContaining("there is no " + file)
                .withMessageContaining("copy the whole key directory anew");
    }

    @Test
    void files_of_two_clusters_in_one_directory_are_noticed() throws IOException {
        Path other = temp.resolve("other");
        ClusterKey.make(other, LAB, new TestClock().instant());
        Files.write(directory.resolve("ca.key"), Files.readAllBytes(other.resolve("ca.key")));
        assertThatIOException()
                .isThrownBy(() -> ClusterKey.open(directory))
                .withMessageContaining("don't belong together");
    }

    @Test
    void the_certificate_of_a_node_is_not_taken_for_a_clusters() throws IOException {
        ClusterKey key = ClusterKey.open(directory);
        var keys = Certificates.newKeys();
        Files.write(
                directory.resolve("ca.crt"),
                Pem.of(Certificates.ofNode(
                        key,
                        new org.carrel.domain.node.NodeId("0123456789abcdef"),
                        java.util.Set.of(Role.AGENT),
                        keys.getPublic(),
                        new TestClock().instant())));
        Files.write(directory.resolve("ca.key"), Pem.of(keys.getPrivate()));
        assertThatIOException()
                .isThrownBy(() -> ClusterKey.open(directory))
                .withMessageContaining("not the certificate of a cluster");
    }

    private Map<Path, String> contents() throws IOException {
        Map<Path, String> contents = new HashMap<>();
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.toList()) contents.put(file, Files.readString(file));
        }
        return contents;
    }
}
