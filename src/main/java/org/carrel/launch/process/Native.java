package org.carrel.launch.process;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;

/// The few system calls Java has no words for. Sources: pidfd_open(2), pidfd_send_signal(2), setpriority(2),
/// getpagesize(2).
@SuppressWarnings("restricted")
final class Native {
    /// the same on every architecture: these calls are younger than the unified table
    private static final long PIDFD_SEND_SIGNAL = 424;

    private static final long PIDFD_OPEN = 434;

    private static final int ESRCH = 3;
    private static final int ENOSYS = 38;
    private static final int PRIO_PGRP = 1;

    private static final Linker LINKER = Linker.nativeLinker();
    private static final MemoryLayout CALL_STATE = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO = CALL_STATE.varHandle(PathElement.groupElement("errno"));
    private static final Linker.Option KEEP_ERRNO = Linker.Option.captureCallState("errno");

    private static final MethodHandle SYSCALL = handle(
            "syscall",
            FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG),
            KEEP_ERRNO,
            Linker.Option.firstVariadicArg(1));
    private static final MethodHandle KILL =
            handle("kill", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT), KEEP_ERRNO);
    private static final MethodHandle CLOSE = handle("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
    private static final MethodHandle SETPRIORITY =
            handle("setpriority", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT), KEEP_ERRNO);

    private static final MethodHandle GETPAGESIZE = handle("getpagesize", FunctionDescriptor.of(JAVA_INT));

    private Native() {}

    /// of the memory the kernel counts in: 4096, but 16384 on some boards
    static int pageBytes() {
        try {
            return (int) GETPAGESIZE.invokeExact();
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    /// Signals exactly the process that `isIt` recognises: it is asked after the process has been pinned by a file
    /// descriptor, so that its pid can't come to mean another in between.
    /// @return false when it is gone, or is another one
    static boolean signal(long pid, int signal, java.util.function.BooleanSupplier isIt) throws IOException {
        if (pid <= 1) throw new IllegalArgumentException("never signals process " + pid);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(CALL_STATE);
            long fd = (long) SYSCALL.invokeExact(state, PIDFD_OPEN, pid, 0L, 0L, 0L);
            if (fd < 0) {
                int errno = (int) ERRNO.get(state, 0L);
                if (errno == ESRCH) return false;
                if (errno == ENOSYS)
                    return isIt.getAsBoolean() && sent((int) KILL.invokeExact(state, (int) pid, signal), state, pid);
                throw new IOException("can't pin process " + pid + ": errno " + errno);
            }
            try {
                if (!isIt.getAsBoolean()) return false;
                return sent(
                        (long) SYSCALL.invokeExact(state, PIDFD_SEND_SIGNAL, fd, (long) signal, 0L, 0L), state, pid);
            } finally {
                int ignored = (int) CLOSE.invokeExact((int) fd);
            }
        } catch (IOException | RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    private static boolean sent(long result, MemorySegment state, long pid) throws IOException {
        if (result == 0) return true;
        int errno = (int) ERRNO.get(state, 0L);
        if (errno == ESRCH) return false;
        throw new IOException("can't signal process " + pid + ": errno " + errno);
    }

    /// @param nice -20 to 19, for every process of the group
    static void renice(long group, int nice) throws IOException {
        if (group <= 1) throw new IllegalArgumentException("never renices group " + group);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(CALL_STATE);
            if ((int) SETPRIORITY.invokeExact(state, PRIO_PGRP, (int) group, nice) != 0) {
                int errno = (int) ERRNO.get(state, 0L);
                if (errno != ESRCH) throw new IOException("can't renice group " + group + ": errno " + errno);
            }
        } catch (IOException | RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    private static MethodHandle handle(String name, FunctionDescriptor descriptor, Linker.Option... options) {
        return LINKER.downcallHandle(LINKER.defaultLookup().findOrThrow(name), descriptor, options);
    }
}
