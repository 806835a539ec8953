package org.carrel.trust;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.Signature;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.carrel.domain.node.NodeId;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Which nodes no other one lets in any more. Each word about a node is signed by the cluster's key, so that a
/// node without it can neither shut others out nor let one in again; of two words about one node the later
/// counts. Nodes tell each other their whole lists. Any thread.
///
/// The file `shut-out` in the node's directory, 0600, a line for each node, at most `MOST`:
///
///     <node id> <when, milliseconds since 1970> out|in <signature, Base64> <name>
///
/// What changes holds at once, and after any restart.
public final class ShutOutList {
    public static final int MOST = 256;
    /// after that a word may make room for another: the certificate it is about has ended
    static final Duration NEEDED = Certificates.NODE_LIFE.plusDays(10);

    private static final Logger log = LoggerFactory.getLogger(ShutOutList.class);
    private static final String FILE = "shut-out";
    private static final int NAME_MOST = 63;

    /// What was said of one node last.
    /// @param name      it had when it was said, for people
    /// @param at        milliseconds since 1970, later than any word before
    /// @param out       false: it is let in again
    /// @param signature Base64, of the cluster's key: SHA256withECDSA
    public record Word(NodeId node, String name, long at, boolean out, String signature) {
        public Word {
            if (!name.matches("[a-z0-9-]{1," + NAME_MOST + "}"))
                throw new IllegalArgumentException("no name of a node");
            if (!signature.matches("[A-Za-z0-9+/=]{1,200}")) throw new IllegalArgumentException("no signature");
        }

        public Instant since() {
            return Instant.ofEpochMilli(at);
        }

        private String line() {
            return node + " " + at + " " + (out ? "out" : "in") + " " + signature + " " + name + "\n";
        }
    }

    private final Path file;
    private final ClusterKey key;
    private final InstantSource time;
    /// one after the other, so that each is later than the one before
    private final Object saying = new Object();
    private final List<Runnable> watchers = new CopyOnWriteArrayList<>();
    private volatile Map<NodeId, Word> words = Map.of();
    private volatile long version;

    private ShutOutList(Path file, ClusterKey key, InstantSource time) {
        this.file = file;
        this.key = key;
        this.time = time;
    }

    /// @throws IOException when the file is damaged; the message says what to do
    static ShutOutList open(Path directory, ClusterKey key, InstantSource time) throws IOException {
        ShutOutList list = new ShutOutList(directory.resolve(FILE), key, time);
        if (!Files.exists(list.file, LinkOption.NOFOLLOW_LINKS)) return list;
        Map<NodeId, Word> read = new TreeMap<>(Comparator.comparing(NodeId::value));
        for (String line : new String(SecretFiles.read(list.file), StandardCharsets.US_ASCII)
                .lines()
                .toList()) {
            Word word = list.parsed(line);
            if (list.isSigned(word)) read.put(word.node(), word);
            else log.warn("who was shut out of another cluster is not shut out of this node_id={}", word.node());
        }
        list.words = Map.copyOf(read);
        return list;
    }

    private Word parsed(String line) throws IOException {
        String[] parts = line.split(" ", -1);
        try {
            if (parts.length != 5 || !parts[2].matches("out|in")) throw new IllegalArgumentException("five words");
            return new Word(new NodeId(parts[0]), parts[4], Long.parseLong(parts[1]), parts[2].equals("out"), parts[3]);
        } catch (IllegalArgumentException damaged) {
            throw new IOException(
                    file + " is damaged; delete it, and this node hears from the others who is shut out", damaged);
        }
    }

    public boolean isOut(NodeId node) {
        Word word = words.get(node);
        return word != null && word.out();
    }

    /// rises with every change, after it
    long version() {
        return version;
    }

    /// all words, of those that are in again too
    public Collection<Word> words() {
        return words.values();
    }

    /// Tells two lists apart.
    public static String digestOf(Collection<Word> words) {
        StringBuilder text = new StringBuilder();
        words.stream()
                .sorted(Comparator.comparing(word -> word.node().value()))
                .forEach(word -> text.append(word.line()));
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256")
                            .digest(text.toString().getBytes(StandardCharsets.US_ASCII)))
                    .substring(0, 16);
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible); // every Java has SHA-256
        }
    }

    /// Whether this node can say who is shut out: it has the cluster's private key.
    public boolean canSay() {
        return key.canSign();
    }

    /// Shuts a node out, or lets it in again.
    /// @throws IllegalStateException when this node can't, or the list is full
    /// @throws IOException           when it can't be written down; it holds all the same until the end
    public Word say(NodeId node, String name, boolean out) throws IOException {
        synchronized (saying) {
            Word before = words.get(node);
            Word word = signed(node, name, Math.max(time.millis(), before == null ? 0 : before.at() + 1), out);
            if (!take(List.of(word))) throw new IllegalStateException("more than " + MOST + " nodes are shut out");
            return word;
        }
    }

    Word signed(NodeId node, String name, long at, boolean out) throws IOException {
        try {
            Signature signing = Signature.getInstance("SHA256withECDSA");
            signing.initSign(key.key());
            signing.update(text(node, name, at, out));
            return new Word(node, name, at, out, Base64.getEncoder().encodeToString(signing.sign()));
        } catch (GeneralSecurityException broken) {
            throw new IOException("can't sign who is shut out: " + broken.getMessage(), broken);
        }
    }

    /// Takes over what another node told; what is known already, or was said before, changes nothing.
    /// @throws IllegalArgumentException when one isn't signed by the cluster's key; then none is taken
    /// @throws IOException              when it can't be written down; it holds all the same until the end
    public void learn(Collection<Word> told) throws IOException {
        List<Word> news = told.stream().filter(this::isNews).toList();
        if (told.size() > MOST) throw new IllegalArgumentException("more than " + MOST + " words");
        for (Word word : news)
            if (!isSigned(word))
                throw new IllegalArgumentException("a word about " + word.node() + " isn't of the cluster's key");
        if (!take(news)) log.error("too many nodes are shut out, some are not most={}", MOST);
    }

    private boolean isNews(Word word) {
        Word before = words.get(word.node());
        return before == null || word.at() > before.at();
    }

    /// @return false when there was no room for one
    private boolean take(List<Word> news) throws IOException {
        boolean room = true;
        synchronized (this) {
            Map<NodeId, Word> next = new TreeMap<>(Comparator.comparing(NodeId::value));
            next.putAll(words);
            for (Word word : news) {
                if (!isNews(word)) continue;
                if (!next.containsKey(word.node()) && next.size() >= MOST && !makeRoom(next)) {
                    room = false;
                    continue;
                }
                next.put(word.node(), word);
                log.warn(
                        word.out()
                                ? "a node is shut out node_id={} node={}"
                                : "a node is let in again node_id={} node={}",
                        word.node(),
                        word.name());
            }
            if (next.equals(words)) return room;
            words = Map.copyOf(next);
            version++;
            try {
                write(next.values());
            } finally {
                notifyAll();
            }
        }
        watchers.forEach(Runnable::run);
        return room;
    }

    private boolean makeRoom(Map<NodeId, Word> full) {
        Instant needless = time.instant().minus(NEEDED);
        Optional<Word> oldest = full.values().stream()
                .min(Comparator.comparingLong(Word::at))
                .filter(word -> word.since().isBefore(needless));
        oldest.ifPresent(word -> full.remove(word.node()));
        return oldest.isPresent();
    }

    private void write(Collection<Word> all) throws IOException {
        StringBuilder text = new StringBuilder();
        all.forEach(word -> text.append(word.line()));
        SecretFiles.replace(file, text.toString().getBytes(StandardCharsets.US_ASCII));
    }

    private boolean isSigned(Word word) {
        try {
            Signature check = Signature.getInstance("SHA256withECDSA");
            check.initVerify(key.certificate().getPublicKey());
            check.update(text(word.node(), word.name(), word.at(), word.out()));
            return check.verify(Base64.getDecoder().decode(word.signature()));
        } catch (GeneralSecurityException | IllegalArgumentException nonsense) {
            return false;
        }
    }

    /// No certificate begins like that.
    private static byte[] text(NodeId node, String name, long at, boolean out) {
        return ("carrel shut-out 1 " + node + " " + at + " " + (out ? "out " : "in ") + name)
                .getBytes(StandardCharsets.US_ASCII);
    }

    /// Returns when the list is another than this, or the patience is over.
    /// @param digest of it
    public List<Word> after(String digest, Duration patience) throws InterruptedException {
        long deadline = System.nanoTime() + patience.toNanos();
        synchronized (this) {
            long left = patience.toNanos();
            while (digestOf(words.values()).equals(digest) && left > 0) {
                wait(left / 1_000_000, (int) (left % 1_000_000));
                left = deadline - System.nanoTime();
            }
            return new ArrayList<>(words.values());
        }
    }

    /// @param watcher run after each change, by whoever changed it
    /// @return ends it
    public Runnable watch(Runnable watcher) {
        watchers.add(watcher);
        return () -> watchers.remove(watcher);
    }
}
