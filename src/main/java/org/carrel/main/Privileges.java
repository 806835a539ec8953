package org.carrel.main;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/// Gives up root for good, for every thread of this process. glibc carries a change of uid to all threads, so it may
/// be done in a running JVM; the kernel alone would change one thread only. Source: nptl(7), "Signals used by NPTL";
/// setresuid(2).
///
/// `no_new_privs` is the exception: prctl(2) sets it for the calling thread and those it starts later, not for threads
/// that run already. It is one more bolt, not the lock.
///
/// The starter must have been started before: afterwards nothing here can become root again.
final class Privileges {
    private static final int PR_SET_DUMPABLE = 4;
    private static final int PR_SET_NO_NEW_PRIVS = 38;
    private static final Path OURSELVES = Path.of("/proc/self/status");

    private Privileges() {}

    static boolean isRoot() throws IOException {
        return uid() == 0;
    }

    /// As whom this program runs now: the effective uid. Source: proc(5), "/proc/pid/status".
    static int uid() throws IOException {
        for (String line : Files.readAllLines(OURSELVES))
            if (line.startsWith("Uid:")) return Integer.parseInt(line.split("\\s+")[2]);
        throw new IOException(OURSELVES + " doesn't say as whom this program runs");
    }

    /// Makes ready what giving up root needs, which takes a while the first time. From any thread.
    static void prepare() {
        if (Native.CALL.type().parameterCount() == 0) throw new IllegalStateException("calls have no parameters");
    }

    /// @throws IOException when any step is refused; the caller must then stop, since half a change is none
    static void dropTo(int uid, int gid) throws IOException {
        if (uid <= 0 || gid <= 0) throw new IOException("will not drop to uid " + uid + ", gid " + gid);
        must("setgroups", call("setgroups", 0, 0));
        must("setresgid", call("setresgid", gid, gid, gid));
        must("setresuid", call("setresuid", uid, uid, uid));
        must("prctl", call("prctl", PR_SET_NO_NEW_PRIVS, 1));
        // a process that changed its uid hides its own /proc files from itself; we read our figures there
        must("prctl", call("prctl", PR_SET_DUMPABLE, 1));
        if (call("setuid", 0) == 0 || call("geteuid") != uid || call("getegid") != gid)
            throw new IOException("root could not be given up; Carrel does not go on like this");
    }

    private static void must(String step, int result) throws IOException {
        if (result != 0) throw new IOException("giving up root failed at " + step);
    }

    private static int call(String function, long... arguments) throws IOException {
        long[] all = Arrays.copyOf(arguments, Native.ARGUMENTS);
        try {
            return (int) Native.CALL.invokeExact(
                    Native.LINKER.defaultLookup().findOrThrow(function), all[0], all[1], all[2], all[3], all[4]);
        } catch (Throwable t) {
            throw new IOException("calling " + function + " failed", t);
        }
    }

    /// All functions that are called here take whole numbers or addresses, of which the first ones are in registers
    /// of full width, and look at no more than they want: so one shape serves them all. Each shape is code that
    /// the JVM makes when it is first used, and takes its time for. Source: the calling conventions of x86-64
    /// (System V ABI, 3.2.3) and AArch64 (AAPCS64, 6.4).
    private static final class Native {
        static final int ARGUMENTS = 5;
        static final Linker LINKER = Linker.nativeLinker();
        static final MethodHandle CALL = shape();

        @SuppressWarnings("restricted") // native calls are what this class is for
        private static MethodHandle shape() {
            MemoryLayout[] layouts = new MemoryLayout[ARGUMENTS];
            Arrays.fill(layouts, JAVA_LONG);
            return LINKER.downcallHandle(FunctionDescriptor.of(JAVA_INT, layouts));
        }
    }
}
