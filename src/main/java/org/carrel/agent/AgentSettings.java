package org.carrel.agent;

import static org.carrel.domain.Require.require;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.carrel.domain.node.Capacity;
import org.carrel.domain.node.NodeName;
import org.carrel.domain.node.NodeRules;
import org.carrel.domain.session.SessionId;

/// What an agent is opened with.
/// @param version          of the program, shown with the node
/// @param stateDirectory   holds `journal/<id>/{record,record.bak,log.1…}` (0700: sessions must not write their own
/// records),
///                         `epoch`, `usual-starts`, `lock`; logs and files of sessions are the launcher's
/// @param runDirectory     holds the sockets, `<id>/s`; short, because the path of a unix socket is at most 100 bytes
/// @param reservationLife  how long a session may wait in line before its start
/// @param endedKept        how long an ended session and its log are kept
/// @param sampleInterval   between two looks at CPU, memory and idleness
/// @param diskReserveBytes free space on the state directory's disk below which no new session is started
/// @param logBytes         of a session's log before it is rotated (copied and truncated)
/// @param logCopies        rotated logs kept, at least 0
/// @param isolation        a sentence on what keeps users apart here
/// @param labels           of this node, for services that need some
public record AgentSettings(
        NodeName node,
        String version,
        Path stateDirectory,
        Path runDirectory,
        Capacity capacity,
        Duration reservationLife,
        Duration endedKept,
        Duration sampleInterval,
        long diskReserveBytes,
        long logBytes,
        int logCopies,
        String isolation,
        Map<String, String> labels) {
    private static final int SOCKET_PATH_MOST = 100;

    public AgentSettings {
        stateDirectory = stateDirectory.toAbsolutePath().normalize();
        runDirectory = runDirectory.toAbsolutePath().normalize();
        int longest = runDirectory.toString().length() + SessionId.LENGTH + "//s".length();
        require(
                longest <= SOCKET_PATH_MOST,
                "the directory for sockets is too long by " + (longest - SOCKET_PATH_MOST) + " characters: "
                        + runDirectory);
        require(!sampleInterval.isNegative() && !sampleInterval.isZero(), "the sample interval must be more than 0");
        require(logBytes >= 1 << 16, "a log must be allowed at least 64 KiB");
        require(logCopies >= 0 && logCopies <= 20, "0 to 20 rotated logs can be kept");
    }

    /// The usual choice: 5 min in line, ended sessions shown for 10 min, samples every 10 s, 64 MiB of disk kept free,
    /// logs of 10 MiB with 2 copies.
    public static AgentSettings of(
            NodeName node,
            String version,
            Path stateDirectory,
            Path runDirectory,
            Capacity capacity,
            String isolation) {
        return new AgentSettings(
                node,
                version,
                stateDirectory,
                runDirectory,
                capacity,
                Duration.ofMinutes(5),
                Duration.ofMinutes(10),
                Duration.ofSeconds(10),
                64L << 20,
                10L << 20,
                2,
                isolation,
                Map.of());
    }

    NodeRules rules() {
        return new NodeRules(
                node,
                capacity,
                reservationLife,
                Duration.ofSeconds(30),
                Duration.ofSeconds(60),
                endedKept,
                500,
                Duration.ofSeconds(30));
    }
}
