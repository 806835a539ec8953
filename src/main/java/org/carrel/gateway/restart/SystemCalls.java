package org.carrel.gateway.restart;

import static java.lang.foreign.ValueLayout.ADDRESS;
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
import java.util.Arrays;

/// The calls of the C library that pass file descriptors, which Java has no words for. All block, so none may be made
/// on an event loop or a virtual thread. Sources: unix(7), cmsg(3), recvmsg(2), dup(2).
@SuppressWarnings("restricted")
enum SystemCalls {
    SOCKET("socket", JAVA_INT, JAVA_INT, JAVA_INT),
    BIND("bind", JAVA_INT, ADDRESS, JAVA_INT),
    LISTEN("listen", JAVA_INT, JAVA_INT),
    CONNECT("connect", JAVA_INT, ADDRESS, JAVA_INT),
    ACCEPT("accept4", JAVA_INT, ADDRESS, ADDRESS, JAVA_INT),
    POLL("poll", ADDRESS, JAVA_LONG, JAVA_INT),
    SENDMSG("sendmsg", JAVA_INT, ADDRESS, JAVA_INT),
    RECVMSG("recvmsg", JAVA_INT, ADDRESS, JAVA_INT),
    GETSOCKOPT("getsockopt", JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, ADDRESS),
    SHUTDOWN("shutdown", JAVA_INT, JAVA_INT),
    FCNTL("fcntl", JAVA_INT, JAVA_INT, JAVA_INT),
    DUP2("dup2", JAVA_INT, JAVA_INT),
    CLOSE("close", JAVA_INT);

    static final int ENOENT = 2;
    static final int EINTR = 4;
    static final int EACCES = 13;
    static final int ECONNRESET = 104;
    static final int ETOOMANYREFS = 109;
    static final int ECONNREFUSED = 111;
    private static final int F_DUPFD_CLOEXEC = 1030;
    /// below it lie the standard streams
    private static final int FIRST_OWN = 3;

    private static final MemoryLayout STATE = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO = STATE.varHandle(PathElement.groupElement("errno"));

    private final MethodHandle handle;
    private final String function;

    SystemCalls(String function, MemoryLayout... arguments) {
        Linker.Option errno = Linker.Option.captureCallState("errno");
        FunctionDescriptor shape = FunctionDescriptor.of(returns(function), arguments);
        Linker linker = Linker.nativeLinker();
        MemorySegment address = linker.defaultLookup().findOrThrow(function);
        this.function = function;
        this.handle = function.equals("fcntl")
                ? linker.downcallHandle(address, shape, errno, Linker.Option.firstVariadicArg(2))
                : linker.downcallHandle(address, shape, errno);
    }

    private static MemoryLayout returns(String function) {
        return function.endsWith("msg") ? JAVA_LONG : JAVA_INT;
    }

    /// @return what the call returned, or its error number, negative
    long call(Object... arguments) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(STATE);
            Object[] all = new Object[arguments.length + 1];
            all[0] = state;
            System.arraycopy(arguments, 0, all, 1, arguments.length);
            long result = ((Number) handle.invokeWithArguments(all)).longValue();
            return result >= 0 ? result : -(int) ERRNO.get(state, 0L);
        } catch (Throwable bug) {
            throw new IllegalStateException(function + Arrays.toString(arguments), bug);
        }
    }

    /// The same, where a failure can't be chosen about.
    long must(Object... arguments) throws IOException {
        long result = call(arguments);
        if (result < 0) throw new IOException(function + " failed: errno " + -result);
        return result;
    }

    /// A second descriptor of the same open socket or file: it lives on when the first is closed.
    static int duplicate(int descriptor) throws IOException {
        return (int) FCNTL.must(descriptor, F_DUPFD_CLOEXEC, FIRST_OWN);
    }

    /// Makes `well` another name of what `descriptor` names; for the standard streams.
    static void become(int descriptor, int well) throws IOException {
        DUP2.must(descriptor, well);
    }

    static void close(int descriptor) {
        CLOSE.call(descriptor);
    }
}
