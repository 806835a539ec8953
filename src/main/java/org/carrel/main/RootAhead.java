package org.carrel.main;

import java.io.IOException;
import java.util.Optional;
import org.carrel.gateway.Gateway;
import org.carrel.launch.process.StarterProcess;
import org.slf4j.LoggerFactory;

/// What every start as root needs, whatever its settings say: the privileged starter, and what must be read or loaded
/// before root is given up. Begun before the words and the settings are read, because until then there is work for one
/// core only. What isn't used ends with the program.
final class RootAhead {
    static {
        // two threads that would be its first users at once lose or delay each other's lines
        LoggerFactory.getLogger(RootAhead.class);
    }

    private final Ahead<StarterProcess> starter = Ahead.begin("starter-ahead", StarterProcess::begin);
    private final Ahead<Boolean> readied = Ahead.begin("root-ahead", RootAhead::ready);

    private RootAhead() {}

    /// @return empty without root: then there is nothing to prepare
    static Optional<RootAhead> begin() throws IOException {
        return Privileges.isRoot() ? Optional.of(new RootAhead()) : Optional.empty();
    }

    private static boolean ready() {
        Privileges.prepare();
        Gateway.prepare();
        return true;
    }

    /// Begun, not yet told where to work.
    StarterProcess starter() throws IOException, InterruptedException {
        return starter.result();
    }

    /// After this, root may be given up.
    void await() throws IOException, InterruptedException {
        readied.result();
    }
}
