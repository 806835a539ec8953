package org.carrel.launch.process;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.carrel.port.OsHost;
import org.carrel.port.OsProcess;
import org.carrel.port.OsWatch;

/// Reads `/proc` for processes of any user. Not for several threads at once.
///
/// A process is created at "now less the uptime plus its start": the boot time in `/proc/stat` is cut to whole seconds,
/// which would make a process look up to a second older than it is. What was said of a process once stays, so that a
/// clock that is set doesn't move it.
/// Sources: proc(5), "/proc/uptime", "/proc/pid/stat", "/proc/meminfo".
public final class ProcWatch implements OsWatch {
    private static final int NAME_CUT = 15;
    private static final int WORDS_BYTES = 4 << 10;
    private static final double TICKS_PER_SECOND = 1e9 / Proc.NANOS_PER_TICK;

    /// what the look before saw of a process
    private record Seen(long start, Instant created, long ticks, long nanos) {}

    private final InstantSource time;
    private final UserNames users = new UserNames();
    private final CpuShare cpu = new CpuShare();
    private final long page = Native.pageBytes();
    private Map<Long, Seen> before = new HashMap<>();

    public ProcWatch(InstantSource time) {
        this.time = time;
    }

    @Override
    public List<OsProcess> named(String name) throws IOException {
        Instant boot = boot();
        List<OsProcess> found = new ArrayList<>();
        Map<Long, Seen> now = new HashMap<>();
        List<Long> pids = Proc.pids();
        pids.sort(null);
        for (long pid : pids) {
            if (found.size() == MOST) break;
            Optional<ProcStat> stat = Proc.stat(pid);
            if (stat.isEmpty() || stat.get().isDead() || !mayBe(name, stat.get().name())) continue;
            process(stat.get(), name, boot, now).ifPresent(found::add);
        }
        before = now;
        return found;
    }

    private static boolean mayBe(String wanted, String name) {
        return name.equals(wanted) || name.length() == NAME_CUT && wanted.startsWith(name);
    }

    private Optional<OsProcess> process(ProcStat stat, String wanted, Instant boot, Map<Long, Seen> now) {
        long pid = stat.pid();
        List<String> words = Proc.words(pid, WORDS_BYTES);
        String name = fullName(stat.name(), words);
        OptionalInt uid = Proc.uid(pid);
        Optional<long[]> pages = Proc.pages(pid);
        // it ended while it was looked at
        if (!name.equals(wanted) || uid.isEmpty() || pages.isEmpty()) return Optional.empty();
        long nanos = System.nanoTime();
        Seen known = before.get(pid);
        Seen last = known != null && known.start() == stat.start()
                ? known
                : new Seen(
                        stat.start(),
                        boot.plusNanos(Math.multiplyExact(stat.start(), Proc.NANOS_PER_TICK)),
                        stat.ownTicks(),
                        nanos);
        double seconds = (nanos - last.nanos()) / 1e9;
        double percent =
                seconds <= 0 ? 0 : 100.0 * Math.max(0, stat.ownTicks() - last.ticks()) / TICKS_PER_SECOND / seconds;
        now.put(pid, new Seen(stat.start(), last.created(), stat.ownTicks(), nanos));
        long[] counted = pages.get();
        return Optional.of(new OsProcess(
                pid,
                stat.parent(),
                users.of(uid.getAsInt()),
                name,
                last.created(),
                percent,
                new OsProcess.Memory(
                        counted[1] * page, counted[0] * page, counted[2] * page, counted[3] * page, counted[5] * page),
                stat.threads(),
                words,
                Proc.link(pid, "cwd"),
                Proc.link(pid, "exe")));
    }

    /// The kernel cuts names; the rest is taken from the first word of the command line, where it goes on there.
    private static String fullName(String cut, List<String> words) {
        if (cut.length() < NAME_CUT || words.isEmpty()) return cut;
        String first = words.getFirst();
        String whole = first.substring(first.lastIndexOf('/') + 1);
        return whole.startsWith(cut) ? whole : cut;
    }

    private Instant boot() throws IOException {
        String[] words = text("uptime").split(" ");
        return time.instant().minusNanos(Math.round(Double.parseDouble(words[0]) * 1e9));
    }

    @Override
    public OsHost host() throws IOException {
        Map<String, Long> bytes = new HashMap<>();
        for (String line : text("meminfo").split("\n")) {
            String[] words = line.split("[:\\s]+");
            if (words.length >= 2) bytes.put(words[0], Long.parseLong(words[1]) << 10);
        }
        long total = bytes.getOrDefault("MemTotal", 0L);
        long free = bytes.getOrDefault("MemFree", 0L);
        long cached = bytes.getOrDefault("Cached", 0L) + bytes.getOrDefault("SReclaimable", 0L);
        long used = total - free - bytes.getOrDefault("Buffers", 0L) - cached;
        return new OsHost(
                cpu.percent(text("stat")),
                Runtime.getRuntime().availableProcessors(),
                total,
                used < 0 ? total - free : used,
                free,
                bytes.getOrDefault("MemAvailable", free),
                bytes.getOrDefault("SwapTotal", 0L),
                bytes.getOrDefault("SwapFree", 0L));
    }

    private static String text(String file) throws IOException {
        return Files.readString(Path.of("/proc", file), StandardCharsets.ISO_8859_1);
    }
}
