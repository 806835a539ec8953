package org.carrel.launch.process;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.carrel.domain.session.SessionId;

/// The processes of one session: those of its leader's group or session, and those that left it but carry its marker.
final class Members {
    private Members() {}

    /// All of it must agree: the uid always, and the group *or* the marker. Once the leader is gone its number
    /// may come to mean another group, so then only the marker counts.
    static List<ProcStat> of(Identity leader, String bootNow) throws IOException {
        if (!leader.boot().equals(bootNow)) return List.of();
        boolean led = leader.isAlive(bootNow);
        List<ProcStat> members = new ArrayList<>();
        for (long pid : Proc.pids())
            Proc.stat(pid).filter(stat -> belongs(stat, leader, led)).ifPresent(members::add);
        return members;
    }

    static boolean belongs(ProcStat process, Identity leader, boolean led) {
        if (!mayBelong(process, leader)) return false;
        var uid = Proc.uid(process.pid());
        if (uid.isEmpty() || uid.getAsInt() != leader.uid()) return false;
        return follows(process, leader, led)
                || marker(process.pid()).filter(leader.id()::equals).isPresent();
    }

    static boolean mayBelong(ProcStat process, Identity leader) {
        return process.pid() > 1 && !process.isDead() && process.start() >= leader.start();
    }

    /// By its group or session, which say nothing once the leader is gone.
    static boolean follows(ProcStat process, Identity leader, boolean led) {
        return led && (process.session() == leader.pid() || process.group() == leader.pid());
    }

    static Optional<SessionId> marker(long pid) {
        return Proc.variable(pid, Shim.MARKER).filter(SessionId::isWellFormed).map(SessionId::new);
    }

    /// Asked again when the process has been pinned: the very same one, and still a member.
    static boolean isStill(ProcStat process, Identity leader, String bootNow) {
        return Proc.stat(process.pid())
                .filter(now -> now.start() == process.start() && belongs(now, leader, leader.isAlive(bootNow)))
                .isPresent();
    }
}
