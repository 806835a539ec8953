package org.carrel.ledger;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.carrel.api.Json;
import org.carrel.port.Audit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Entries as JSON, a line each, on their way to `audit.jsonl`. One thread writes; whoever notes something goes on.
///
/// An entry is in the file, and forced to the disk, as soon as that thread gets to it: mostly within milliseconds, many
/// with one `fsync` when many come. A crash of the program loses what came in that moment, a crash of the machine no
/// more.
/// What can't be written (a full disk, more than `WAITING_MOST` at once) is in the program's log, and counted.
public final class AuditLog implements Audit, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(AuditLog.class);
    static final int WAITING_MOST = 10_000;
    static final int TEXT_MOST = 300;
    private static final int BATCH = 256;
    private static final String NOTHING = "";
    /// whether it is to end
    private static final Duration LOOK_EVERY = Duration.ofSeconds(1);
    private static final Duration FAREWELL = Duration.ofSeconds(5);

    private final InstantSource time;
    private final AuditFile file;
    private final BlockingQueue<String> waiting = new ArrayBlockingQueue<>(WAITING_MOST);
    private final AtomicLong written = new AtomicLong();
    private final AtomicLong lost = new AtomicLong();
    private final Thread writer;
    private volatile boolean closing;

    private AuditLog(AuditFile file, InstantSource time) {
        this.file = file;
        this.time = time;
        this.writer = Thread.ofVirtual().name("audit").unstarted(this::run);
    }

    /// @param directory made when missing, for nobody else to read
    /// @throws IOException when nothing can be written there now
    public static AuditLog open(Path directory, InstantSource time) throws IOException {
        return open(AuditFile.open(directory, AuditFile.BYTES_MOST), time);
    }

    static AuditLog open(AuditFile file, InstantSource time) {
        AuditLog audit = new AuditLog(file, time);
        audit.writer.start();
        return audit;
    }

    @Override
    public void note(Entry entry) {
        String line = line(entry);
        if (closing || !waiting.offer(line)) lose(line, "too many entries wait");
    }

    /// entries in the file
    public long written() {
        return written.get();
    }

    /// entries that are in the program's log only
    public long lost() {
        return lost.get();
    }

    @Override
    public void close() throws IOException {
        closing = true;
        // so that it is seen at once; an interrupt would close the file under what is still to be written
        waiting.offer(NOTHING);
        try {
            writer.join(FAREWELL);
        } catch (InterruptedException hurry) {
            Thread.currentThread().interrupt();
        }
        file.close();
    }

    private void run() {
        List<String> batch = new ArrayList<>();
        try {
            while (!closing || !waiting.isEmpty()) {
                String first = waiting.poll(LOOK_EVERY.toMillis(), TimeUnit.MILLISECONDS);
                if (first == null || first.isEmpty()) continue;
                batch.add(first);
                waiting.drainTo(batch, BATCH);
                batch.remove(NOTHING);
                write(batch);
                batch.clear();
            }
        } catch (InterruptedException nobodyDoes) {
            Thread.currentThread().interrupt();
        }
    }

    private void write(List<String> batch) {
        if (batch.isEmpty()) return;
        int done = 0;
        try {
            for (String line : batch) {
                file.append((line + "\n").getBytes(StandardCharsets.UTF_8));
                done++;
            }
            file.force();
            written.addAndGet(done);
        } catch (IOException full) {
            written.addAndGet(done);
            for (String line : batch.subList(done, batch.size())) lose(line, full.toString());
            if (done == batch.size()) log.error("audit log may not be on the disk cause=\"{}\"", full.toString());
        }
    }

    private void lose(String line, String cause) {
        lost.incrementAndGet();
        log.error("audit entry not in the audit log cause=\"{}\" entry={}", cause, line);
    }

    private String line(Entry entry) {
        Map<String, String> fields = new LinkedHashMap<>();
        fields.put("time", time.instant().toString());
        fields.put("what", entry.what().word());
        if (!entry.who().isEmpty()) fields.put("who", cut(entry.who()));
        fields.put("outcome", cut(entry.outcome()));
        entry.more().forEach((name, value) -> fields.putIfAbsent(name, cut(value)));
        return new String(Json.bytes(fields), StandardCharsets.UTF_8);
    }

    private static String cut(String text) {
        return text.length() > TEXT_MOST ? text.substring(0, TEXT_MOST) + "…" : text;
    }
}
