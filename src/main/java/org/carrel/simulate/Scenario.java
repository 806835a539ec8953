package org.carrel.simulate;

import java.util.List;

/// All that is given from outside; with the program it determines every step.
/// @param machines in order of their numbers
/// @param gateways run on the first machines, one each
/// @param calm     when the last trouble is over; from then on everything has to settle
/// @param length   microseconds
record Scenario(
        long seed,
        List<Machine> machines,
        int gateways,
        Weather weather,
        Setup setup,
        List<Input> inputs,
        long calm,
        long length) {
    /// @param places   sessions it takes
    /// @param gib      memory for sessions
    /// @param starts   at once
    /// @param driftPpm how much its clock gains
    /// @param late     it is not there from the beginning
    record Machine(int places, int gib, int starts, int driftPpm, boolean late) {}

    /// What the network does to messages between machines.
    /// @param loss      of a thousand messages
    /// @param duplicate of a thousand messages
    /// @param slow      of a thousand messages, that take up to `slowest` microseconds
    record Weather(int loss, int duplicate, int slow, long slowest) {
        boolean isFair() {
            return loss == 0 && slow == 0;
        }
    }

    /// How the cluster is set up.
    /// @param homes       the files of each user lie on one machine
    /// @param reservation seconds for which a reservation stands in line for its start
    /// @param lasting     every session starts and lasts for ever
    record Setup(boolean homes, int reservation, boolean lasting) {}

    Scenario {
        machines = List.copyOf(machines);
        inputs = List.copyOf(inputs);
    }

    Scenario with(List<Input> fewer) {
        return new Scenario(seed, machines, gateways, weather, setup, fewer, calm, length);
    }
}
