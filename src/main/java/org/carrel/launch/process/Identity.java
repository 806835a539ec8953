package org.carrel.launch.process;

import static org.carrel.domain.Require.require;

import java.util.Map;
import org.carrel.domain.session.Handle;
import org.carrel.domain.session.SessionId;

/// Which process leads a session. All of it must agree before anything is done to a process; a pid alone says nothing.
/// @param pid   of the shim: leader of its process group and of its session, more than 1
/// @param start ticks since the machine's start; 0: it had ended before it could be looked at
/// @param boot  the machine's boot id
/// @param uid   whose process it is
record Identity(SessionId id, long pid, long start, String boot, int uid) {
    static final String LAUNCHER = "process";
    static final int VERSION = 1;

    Identity {
        require(pid > 1, "never a workload: process " + pid);
        require(start >= 0 && uid >= 0, "start and uid can't be negative");
        require(boot.length() <= 64, "too long for a boot id");
    }

    Handle handle() {
        return new Handle(
                LAUNCHER,
                VERSION,
                Map.of(
                        "session",
                        id.value(),
                        "pid",
                        Long.toString(pid),
                        "start",
                        Long.toString(start),
                        "boot",
                        boot,
                        "uid",
                        Integer.toString(uid)));
    }

    /// @throws IllegalArgumentException when the handle isn't one of ours
    static Identity of(Handle handle) {
        require(
                handle.launcher().equals(LAUNCHER) && handle.version() == VERSION,
                "not a handle of launcher " + LAUNCHER + " version " + VERSION + ": " + handle.launcher() + " "
                        + handle.version());
        Map<String, String> fields = handle.fields();
        return new Identity(
                new SessionId(field(fields, "session")),
                Long.parseLong(field(fields, "pid")),
                Long.parseLong(field(fields, "start")),
                field(fields, "boot"),
                Integer.parseInt(field(fields, "uid")));
    }

    private static String field(Map<String, String> fields, String name) {
        String value = fields.get(name);
        require(value != null, "a handle without " + name);
        return value == null ? "" : value;
    }

    boolean is(ProcStat process) {
        return process.pid() == pid && process.start() == start;
    }

    /// Whether that very process is there and not a zombie.
    boolean isAlive(String bootNow) {
        if (!boot.equals(bootNow) || start == 0) return false;
        var stat = Proc.stat(pid);
        if (stat.isEmpty() || stat.get().start() != start || stat.get().isDead()) return false;
        var owner = Proc.uid(pid);
        return owner.isPresent() && owner.getAsInt() == uid;
    }
}
