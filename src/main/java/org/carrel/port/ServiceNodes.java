package org.carrel.port;

import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.carrel.domain.app.AppId;
import org.carrel.domain.node.NodeName;
import org.carrel.domain.session.SessionId;

/// How a service stands on machines, this one and others. What is to run where stands in `NodeMetadata`.
public interface ServiceNodes {
    /// @param from which line of what its installation says is wanted first; 0 at the beginning
    /// @throws IOException when that machine doesn't answer
    Look look(NodeName node, AppId app, long from) throws IOException, InterruptedException;

    /// @param why    a sentence, where it failed
    /// @param copy   its live session
    /// @param output of its installation, at most 2,000 lines
    /// @param next   to be asked for next
    record Look(State state, String why, Optional<SessionId> copy, List<String> output, long next) {
        public Look {
            output = List.copyOf(output);
        }
    }

    enum State {
        /// it isn't to run there, and doesn't
        OFF,
        INSTALLING,
        STARTING,
        READY,
        /// it ended, or could not be started, and is tried again after a while
        FAILED,
        STOPPING;

        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /// Of one node: its own.
    interface Own {
        Look look(AppId app, long from);
    }
}
