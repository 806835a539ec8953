package org.carrel.simulate;

/// One thing that happens to the cluster from outside. Machines and gateways by their numbers, times in microseconds
/// since the beginning.
sealed interface Input {
    long at();

    /// @param user    by number
    /// @param app     by number
    /// @param gateway the one the click came to
    /// @param once    names the request
    /// @param chosen  the machine the user picked, or -1
    record Begin(long at, int user, int app, int gateway, String once, int chosen) implements Input {}

    record Cancel(long at, String once) implements Input {}

    /// "Start elsewhere", if it waits for a silent holder.
    record Elsewhere(long at, String once) implements Input {}

    /// The page is closed: nobody renews the ticket any more.
    record Leave(long at, String once) implements Input {}

    /// The agent's process dies, workloads go on, and it starts again after `down`.
    record CrashAgent(long at, int machine, long down) implements Input {}

    record CrashGateway(long at, int gateway, long down) implements Input {}

    /// Everything on the machine dies, workloads too.
    record Reboot(long at, int machine, long down) implements Input {}

    /// SIGSTOP and, after `time`, SIGCONT.
    record PauseAgent(long at, int machine, long time) implements Input {}

    record PauseGateway(long at, int gateway, long time) implements Input {}

    /// Nothing gets from the machines of `side` (a bit each) to the others, nor back unless `oneWay`.
    record Cut(long at, int side, boolean oneWay, long time) implements Input {}

    /// Somebody sets the machine's clock.
    record SetClock(long at, int machine, long by) implements Input {}

    record Drain(long at, int machine, boolean on) implements Input {}

    /// An app is put on a machine or taken from it.
    record Install(long at, int machine, int app, boolean there) implements Input {}

    /// A machine that was not there from the beginning comes.
    record Join(long at, int machine) implements Input {}
}
