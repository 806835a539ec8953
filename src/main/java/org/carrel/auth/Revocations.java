package org.carrel.auth;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import org.carrel.port.SharedProofs.Fact;

/// Sign-ins that were ended before their time, at this node or, as it was told, at another of its cluster. On disk
/// before the sign-out is answered; a line each:
///
///     <epoch second of the sign-out> <login>
///
/// Kept for as long as a sign-in may last, not a cookie: a gateway that was cut off may have renewed the cookie.
/// Bounded: when there are more than `MAX`, the oldest go, and instead every cookie issued before the newest of those
/// is refused: too strict rather than too lax.
public final class Revocations implements AutoCloseable {
    public static final int MAX = 50_000;
    static final Duration KEPT = PortalCookie.LONGEST;
    private static final Pattern LOGIN = Pattern.compile("[A-Za-z0-9_-]{1,64}");
    private static final String ALL_BEFORE = "*";

    private final Path file;
    private final InstantSource clock;
    private final ProofLog log;
    private final Map<String, Instant> revoked = new ConcurrentHashMap<>();
    private volatile Instant allBefore = Instant.EPOCH;
    private volatile long version;
    private FileChannel channel;
    /// what holds in memory isn't all in the file
    private boolean unwritten;

    private Revocations(Path file, InstantSource clock, ProofLog log, FileChannel channel) {
        this.file = file;
        this.clock = clock;
        this.log = log;
        this.channel = channel;
    }

    /// @throws IOException also when the file is damaged in the middle: then nobody knows who signed out;
    /// deleting the
    ///                     key file with it makes everybody sign in anew. A last line without its end was never
    ///                     answered, and is left out.
    static Revocations open(Path file, InstantSource clock, ProofLog log) throws IOException {
        if (!Files.exists(file)) StateFile.replace(file, new byte[0]);
        String text = new String(StateFile.read(file), StandardCharsets.US_ASCII);
        Revocations revocations = new Revocations(file, clock, log, appending(file));
        String whole = text.substring(0, text.lastIndexOf('\n') + 1);
        for (String line : whole.lines().toList()) revocations.load(line);
        revocations.compact();
        revocations.revoked.forEach(revocations::tell);
        if (revocations.allBefore.isAfter(Instant.EPOCH)) revocations.tellAllBefore();
        return revocations;
    }

    public boolean isRevoked(String login, Instant issued) {
        return issued.isBefore(allBefore) || revoked.containsKey(login);
    }

    /// rises with every sign-out, after it
    long version() {
        return version;
    }

    /// Effective at once, and after any restart.
    public void revoke(String login) throws IOException {
        learn(Map.of(login, clock.instant()));
    }

    /// @param ended sign-ins, and when they ended
    synchronized void learn(Map<String, Instant> ended) throws IOException {
        Instant forgotten = clock.instant().minus(KEPT);
        StringBuilder lines = new StringBuilder();
        ended.forEach((login, when) -> {
            if (!LOGIN.matcher(login).matches()) throw new IllegalArgumentException("no name of a sign-in");
            if (when.isBefore(forgotten) || revoked.putIfAbsent(login, when) != null) return;
            tell(login, when);
            lines.append(line(when, login));
        });
        if (lines.isEmpty()) return;
        version++;
        if (unwritten || revoked.size() > MAX) {
            compact();
            version++; // more may be refused now
            return;
        }
        unwritten = true;
        ByteBuffer bytes = ByteBuffer.wrap(lines.toString().getBytes(StandardCharsets.US_ASCII));
        while (bytes.hasRemaining()) channel.write(bytes);
        channel.force(false);
        unwritten = false;
    }

    /// @param when cookies issued before are refused; not in the future, which would keep everybody out
    synchronized void refuseBefore(Instant when) throws IOException {
        if (!when.isAfter(allBefore) || when.isAfter(clock.instant())) return;
        allBefore = when;
        version++;
        tellAllBefore();
        compact();
    }

    private void tell(String login, Instant when) {
        log.put("login " + login, when.plus(KEPT), now -> new Fact.SignedOut(login, since(when, now)));
    }

    private void tellAllBefore() {
        Instant when = allBefore;
        log.put(ALL_BEFORE, when.plus(KEPT), now -> new Fact.AllBefore(when));
    }

    private static Duration since(Instant when, Instant now) {
        return when.isBefore(now) ? Duration.between(when, now) : Duration.ZERO;
    }

    @Override
    public synchronized void close() throws IOException {
        channel.close();
    }

    int size() {
        return revoked.size();
    }

    private void load(String line) throws IOException {
        String[] parts = line.split(" ", -1);
        try {
            Instant when = Instant.ofEpochSecond(Long.parseLong(parts[0]));
            if (parts.length != 2) throw new NumberFormatException("two fields");
            if (parts[1].equals(ALL_BEFORE)) allBefore = when;
            else revoked.put(parts[1], when);
        } catch (NumberFormatException damaged) {
            throw new IOException(
                    file + " is damaged; delete it together with the key file, then all sign in anew", damaged);
        }
    }

    private synchronized void compact() throws IOException {
        unwritten = true;
        forgetBefore(clock.instant().minus(KEPT));
        while (revoked.size() > MAX) {
            Optional<Map.Entry<String, Instant>> oldest =
                    revoked.entrySet().stream().min(Comparator.comparing(Map.Entry::getValue));
            if (oldest.isEmpty()) break;
            Instant when = oldest.get().getValue().plusSeconds(1);
            if (when.isAfter(allBefore)) {
                allBefore = when;
                tellAllBefore();
            }
            forgetBefore(when);
        }
        StringBuilder text = new StringBuilder(line(allBefore, ALL_BEFORE));
        revoked.forEach((login, when) -> text.append(line(when, login)));
        channel.close();
        StateFile.replace(file, text.toString().getBytes(StandardCharsets.US_ASCII));
        channel = appending(file);
        unwritten = false;
    }

    private void forgetBefore(Instant when) {
        revoked.entrySet().removeIf(each -> {
            boolean old = each.getValue().isBefore(when);
            if (old) log.remove("login " + each.getKey());
            return old;
        });
    }

    private static FileChannel appending(Path file) throws IOException {
        return FileChannel.open(file, StandardOpenOption.APPEND);
    }

    private static String line(Instant when, String login) {
        return when.getEpochSecond() + " " + login + "\n";
    }
}
