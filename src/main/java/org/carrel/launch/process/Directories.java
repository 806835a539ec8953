package org.carrel.launch.process;

import static org.carrel.domain.Require.require;

import java.nio.file.Path;
import org.carrel.domain.session.SessionId;

/// Where sessions have their things. All three directories belong to whoever starts processes; as root nobody else may
/// write in them or in anything above them, else a link put there would be followed with root's rights.
/// @param boxes `<id>/{log,exit,tmp/,files}`
/// @param homes `<user>/`, for users without a home of the machine's own
/// @param run   `<id>/s`, sockets; at most 75 bytes, because the kernel's limit for a socket's path is 107
public record Directories(Path boxes, Path homes, Path run) {
    public Directories {
        require(boxes.isAbsolute() && homes.isAbsolute() && run.isAbsolute(), "directories must be absolute");
        require(run.toString().length() <= 75, "too long for sockets: " + run);
    }

    public static Directories below(Path state, Path run) {
        return new Directories(state.resolve("boxes"), state.resolve("homes"), run);
    }

    /// The same, with homes that lie elsewhere.
    public Directories withHomes(Path others) {
        return new Directories(boxes, others, run);
    }

    Path socketDirectory(SessionId id) {
        return run.resolve(id.value());
    }
}
