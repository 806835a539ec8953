package org.carrel.launch.process;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The machine's accounts, as its name services know them (files, LDAP, …). Any thread.
/// Source: getpwnam_r(3), getpwuid_r(3); of `struct passwd` with glibc on 64 bits: name at 0, uid at 16, gid at 20,
/// home
/// at 32.
final class Accounts {
    private static final int BUFFER_BYTES = 16 << 10;
    /// more than `struct passwd` takes on any Linux
    private static final int ENTRY_BYTES = 128;
    /// below are those of the system, root among them, whatever the machine says of itself
    static final int LEAST_UID = 1_000;
    /// what the kernel calls whom it can't name
    private static final int NOBODY = 65_534;

    private static final int UID_AT = 16;
    private static final int GID_AT = 20;
    private static final int HOME_AT = 32;
    private static final Pattern UID_MIN = Pattern.compile("(?m)^\\s*UID_MIN\\s+([0-9]{1,9})\\b");

    private static final Linker LINKER = Linker.nativeLinker();
    private static final MethodHandle BY_NAME = handle("getpwnam_r", ADDRESS);
    private static final MethodHandle BY_UID = handle("getpwuid_r", JAVA_INT);

    private Accounts() {}

    record Account(String name, int uid, int gid, Path home) {
        /// It is a person's, not the system's.
        boolean isPersons() {
            return uid >= leastUid() && uid != NOBODY && !Uids.isOurs(uid);
        }
    }

    @SuppressWarnings("restricted")
    static Optional<Account> named(String name) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment entry = arena.allocate(ENTRY_BYTES, 8);
            MemorySegment found = arena.allocate(ADDRESS);
            int failed = (int) BY_NAME.invokeExact(
                    arena.allocateFrom(name), entry, arena.allocate(BUFFER_BYTES), (long) BUFFER_BYTES, found);
            return failed == 0 ? account(entry, found) : Optional.empty();
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    @SuppressWarnings("restricted")
    static Optional<Account> of(int uid) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment entry = arena.allocate(ENTRY_BYTES, 8);
            MemorySegment found = arena.allocate(ADDRESS);
            int failed = (int) BY_UID.invokeExact(uid, entry, arena.allocate(BUFFER_BYTES), (long) BUFFER_BYTES, found);
            return failed == 0 ? account(entry, found) : Optional.empty();
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    private static Optional<Account> account(MemorySegment entry, MemorySegment found) {
        if (found.get(ADDRESS, 0).address() == 0) return Optional.empty();
        String name = text(entry.get(ADDRESS, 0));
        String home = text(entry.get(ADDRESS, HOME_AT));
        if (name.isEmpty() || !home.startsWith("/")) return Optional.empty();
        return Optional.of(new Account(name, entry.get(JAVA_INT, UID_AT), entry.get(JAVA_INT, GID_AT), Path.of(home)));
    }

    @SuppressWarnings("restricted")
    private static String text(MemorySegment at) {
        return at.address() == 0 ? "" : at.reinterpret(BUFFER_BYTES).getString(0);
    }

    private static int leastUid() {
        try {
            Matcher said = UID_MIN.matcher(Files.readString(Path.of("/etc/login.defs"), StandardCharsets.ISO_8859_1));
            return said.find() ? Math.max(LEAST_UID, Integer.parseInt(said.group(1))) : LEAST_UID;
        } catch (IOException none) {
            return LEAST_UID;
        }
    }

    @SuppressWarnings("restricted")
    private static MethodHandle handle(String name, java.lang.foreign.MemoryLayout key) {
        return LINKER.downcallHandle(
                LINKER.defaultLookup().findOrThrow(name),
                FunctionDescriptor.of(JAVA_INT, key, ADDRESS, ADDRESS, JAVA_LONG, ADDRESS));
    }
}
