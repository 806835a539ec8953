package org.carrel.main;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/// Gives up root for good, for every thread of this process. glibc carries a change of uid to all threads, so it may be
/// done in a
/// running JVM; the kernel alone would change one thread only. Source: nptl(7), "Signals used by NPTL"; setresuid(2).
///
/// `no_new_privs` is the exception: prctl(2) sets it for the calling thread and those it starts later, not for threads
/// that run already. It is one more bolt, not the lock.
///
/// The starter must have been started before: afterwards nothing here can become root again.
final class Privileges {
    private static final int PR_SET_DUMPABLE = 4;
    private static final int PR_SET_NO_NEW_PRIVS = 38;

    private Privileges() {}

    static boolean isRoot() throws IOException {
        return call("geteuid") == 0;
    }

    /// as whom this program runs now
    static int uid() throws IOException {
        return call("geteuid");
    }

    /// @throws IOException when any step is refused; the caller must then stop, since half a change is none
    static void dropTo(int uid, int gid) throws IOException {
        if (uid <= 0 || gid <= 0) throw new IOException("will not drop to uid " + uid + ", gid " + gid);
        must("setgroups", call("setgroups", 0L, MemorySegment.NULL));
        must("setresgid", call("setresgid", gid, gid, gid));
        must("setresuid", call("setresuid", uid, uid, uid));
        must("prctl", call("prctl", PR_SET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L));
        // a process that changed its uid hides its own /proc files from itself; we read our figures there
        must("prctl", call("prctl", PR_SET_DUMPABLE, 1L, 0L, 0L, 0L));
        if (call("setuid", 0) == 0 || call("geteuid") != uid || call("getegid") != gid)
            throw new IOException("root could not be given up; Carrel does not go on like this");
    }

    private static void must(String step, int result) throws IOException {
        if (result != 0) throw new IOException("giving up root failed at " + step);
    }

    @SuppressWarnings("restricted") // native calls are what this class is for
    private static int call(String function, Object... arguments) throws IOException {
        MemoryLayout[] layouts = new MemoryLayout[arguments.length];
        for (int i = 0; i < arguments.length; i++)
            layouts[i] = switch (arguments[i]) {
                case Integer _ -> JAVA_INT;
                case Long _ -> JAVA_LONG;
                case MemorySegment _ -> ADDRESS;
                default -> throw new IllegalArgumentException("no layout for " + arguments[i]);
            };
        Linker linker = Linker.nativeLinker();
        MethodHandle handle = linker.downcallHandle(
                linker.defaultLookup().findOrThrow(function), FunctionDescriptor.of(JAVA_INT, layouts));
        try {
            return (int) handle.invokeWithArguments(arguments);
        } catch (Throwable t) {
            throw new IOException("calling " + function + " failed", t);
        }
    }
}
