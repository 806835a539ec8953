package org.carrel.auth;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/// Sign-ins that were ended before their cookies expire. On disk before the sign-out is answered; a line each:
///
///     <epoch second of the sign-out> <login>
///
/// Bounded: when there are more than `MAX`, the oldest go, and instead every cookie issued before the newest
/// of those
/// is refused: too strict rather than too lax.
public final class Revocations implements AutoCloseable {
    public static final int MAX = 50_000;
    private static final String ALL_BEFORE = "*";

    private final Path file;
    private final InstantSource clock;
    private final Map<String, Instant> revoked = new ConcurrentHashMap<>();
    private volatile Instant allBefore = Instant.EPOCH;
    private volatile long version;
    private FileChannel channel;

    private Revocations(Path file, InstantSource clock, FileChannel channel) {
        this.file = file;
        this.clock = clock;
        this.channel = channel;
    }

    /// @throws IOException also when the file is damaged in the middle: then nobody knows who signed out;
    /// deleting the
    ///                     key file with it makes everybody sign in anew. A last line without its end was never
    ///                     answered, and is left out.
    public static Revocations open(Path file, InstantSource clock) throws IOException {
        if (!Files.exists(file)) StateFile.replace(file, new byte[0]);
        String text = new String(StateFile.read(file), StandardCharsets.US_ASCII);
        Revocations revocations = new Revocations(file, clock, appending(file));
        String whole = text.substring(0, text.lastIndexOf('\n') + 1);
        for (String line : whole.lines().toList()) revocations.load(line);
        revocations.compact();
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
    public synchronized void revoke(String login) throws IOException {
        Instant now = clock.instant();
        if (revoked.putIfAbsent(login, now) != null) return;
        version++;
        if (revoked.size() > MAX) {
            compact();
            version++; // more may be refused now
            return;
        }
        ByteBuffer line = ByteBuffer.wrap(line(now, login).getBytes(StandardCharsets.US_ASCII));
        while (line.hasRemaining()) channel.write(line);
        channel.force(false);
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
        Instant forgotten = clock.instant().minus(PortalCookie.LIFE);
        revoked.values().removeIf(when -> when.isBefore(forgotten));
        while (revoked.size() > MAX) {
            Optional<Map.Entry<String, Instant>> oldest =
                    revoked.entrySet().stream().min(Comparator.comparing(Map.Entry::getValue));
            if (oldest.isEmpty()) break;
            Instant when = oldest.get().getValue().plusSeconds(1);
            if (when.isAfter(allBefore)) allBefore = when;
            revoked.values().removeIf(each -> each.isBefore(allBefore));
        }
        StringBuilder text = new StringBuilder(line(allBefore, ALL_BEFORE));
        revoked.forEach((login, when) -> text.append(line(when, login)));
        channel.close();
        StateFile.replace(file, text.toString().getBytes(StandardCharsets.US_ASCII));
        channel = appending(file);
    }

    private static FileChannel appending(Path file) throws IOException {
        return FileChannel.open(file, StandardOpenOption.APPEND);
    }

    private static String line(Instant when, String login) {
        return when.getEpochSecond() + " " + login + "\n";
    }
}
