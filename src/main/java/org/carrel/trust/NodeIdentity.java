package org.carrel.trust;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.SecureRandom;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.carrel.domain.node.NodeId;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Who this node is: an id made once and bound to its machine, so that of two machines with one copied disk or card the
/// copy becomes a node of its own. The file `id`:
///
///     node <16 hex digits>
///     machine-id <16 hex digits>     at most once
///     hardware <16 hex digits>       any number of times
///
/// @param copiedFrom the id that the disk or card brought from another machine; empty when it is this machine's own
public record NodeIdentity(NodeId id, Optional<NodeId> copiedFrom) {
    private static final Logger log = LoggerFactory.getLogger(NodeIdentity.class);
    private static final String FILE = "id";

    /// @param directory of this node's own, made when missing
    /// @throws IOException when the file is damaged or can't be read or written; the message says what to do
    public static NodeIdentity open(Path directory) throws IOException {
        return open(directory, Machine.here());
    }

    static NodeIdentity open(Path directory, Machine here) throws IOException {
        if (!Files.isDirectory(directory)) SecretFiles.makeDirectory(directory);
        Path file = directory.resolve(FILE);
        if (!Files.exists(file)) {
            NodeIdentity fresh = new NodeIdentity(newId(), Optional.empty());
            write(file, fresh.id, here);
            log.info("node identity made node_id={}", fresh.id);
            return fresh;
        }
        Known known = read(file);
        if (here.mayBe(known.machine)) {
            Machine both = here.with(known.machine);
            if (!both.equals(known.machine)) write(file, known.id, both);
            return new NodeIdentity(known.id, Optional.empty());
        }
        Files.move(file, directory.resolve(FILE + ".of-" + known.id), StandardCopyOption.REPLACE_EXISTING);
        NodeIdentity own = new NodeIdentity(newId(), Optional.of(known.id));
        write(file, own.id, here);
        log.warn(
                "this disk or card was copied from another machine: this node gets an identity of its own"
                        + " node_id={} copied_from={}",
                own.id,
                known.id);
        return own;
    }

    private record Known(NodeId id, Machine machine) {}

    private static Known read(Path file) throws IOException {
        Optional<NodeId> id = Optional.empty();
        Optional<String> installed = Optional.empty();
        Set<String> hardware = new TreeSet<>();
        for (String line : new String(SecretFiles.read(file), StandardCharsets.ISO_8859_1)
                .lines()
                .toList()) {
            String[] words = line.split(" ", -1);
            if (words.length != 2 || !words[1].matches("[0-9a-f]{16}")) throw damaged(file);
            switch (words[0]) {
                case "node" -> id = Optional.of(new NodeId(words[1]));
                case "machine-id" -> installed = Optional.of(words[1]);
                case "hardware" -> hardware.add(words[1]);
                default -> throw damaged(file);
            }
        }
        return new Known(id.orElseThrow(() -> damaged(file)), new Machine(installed, hardware));
    }

    private static IOException damaged(Path file) {
        return new IOException(
                file + " is damaged; delete it, and this node gets a new identity: its sessions stay, the"
                        + " other nodes take it for a new one (carrel forget takes the old one off their lists)");
    }

    private static void write(Path file, NodeId id, Machine machine) throws IOException {
        StringBuilder text = new StringBuilder("node " + id + "\n");
        machine.installed()
                .ifPresent(it -> text.append("machine-id ").append(it).append('\n'));
        new TreeSet<>(machine.hardware())
                .forEach(it -> text.append("hardware ").append(it).append('\n'));
        SecretFiles.replace(file, text.toString().getBytes(StandardCharsets.US_ASCII));
    }

    private static NodeId newId() {
        byte[] random = new byte[8];
        new SecureRandom().nextBytes(random);
        return NodeId.of(random);
    }
}
