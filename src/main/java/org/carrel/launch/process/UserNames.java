package org.carrel.launch.process;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.LinkedHashMap;
import java.util.Map;

/// The name of a uid, as this machine's name services know it (files, LDAP, …); the number where they know none.
/// Remembered for a minute, at most `MOST` of them. Not for several threads at once.
/// Source: getpwuid_r(3); the name is the first field of `struct passwd`.
final class UserNames {
    private static final int MOST = 1_000;
    private static final long KEPT_NANOS = 60_000_000_000L;
    private static final int BUFFER_BYTES = 16 << 10;
    /// more than `struct passwd` takes on any Linux
    private static final int ENTRY_BYTES = 128;

    private record Known(String name, long sinceNanos) {}

    private final MethodHandle getpwuid;
    private final Map<Integer, Known> known = new LinkedHashMap<>();

    @SuppressWarnings("restricted")
    UserNames() {
        Linker linker = Linker.nativeLinker();
        getpwuid = linker.downcallHandle(
                linker.defaultLookup().findOrThrow("getpwuid_r"),
                FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, ADDRESS, JAVA_LONG, ADDRESS));
    }

    String of(int uid) {
        long now = System.nanoTime();
        Known before = known.get(uid);
        if (before != null && now - before.sinceNanos() < KEPT_NANOS) return before.name();
        if (known.size() >= MOST) known.clear();
        String name = asked(uid);
        known.put(uid, new Known(name, now));
        return name;
    }

    @SuppressWarnings("restricted")
    private String asked(int uid) {
        String number = Integer.toUnsignedString(uid);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment entry = arena.allocate(ENTRY_BYTES, 8);
            MemorySegment found = arena.allocate(ADDRESS);
            int failed =
                    (int) getpwuid.invokeExact(uid, entry, arena.allocate(BUFFER_BYTES), (long) BUFFER_BYTES, found);
            if (failed != 0 || found.get(ADDRESS, 0).address() == 0) return number;
            MemorySegment name = entry.get(ADDRESS, 0);
            if (name.address() == 0) return number;
            String text = name.reinterpret(BUFFER_BYTES).getString(0);
            return text.isEmpty() ? number : text;
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }
}
