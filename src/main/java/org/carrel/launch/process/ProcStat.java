package org.carrel.launch.process;

import java.util.Optional;

/// One line of `/proc/<pid>/stat`, as far as it is needed here. Source: proc(5), "/proc/pid/stat".
/// @param state    one letter; `Z` and `X` are dead
/// @param cpuTicks user and system time of itself and of the children it has reaped, in ticks of 10 ms
/// @param start    ticks since the machine's start
record ProcStat(long pid, char state, long parent, long group, long session, long cpuTicks, long start) {

    boolean isDead() {
        return state == 'Z' || state == 'X' || state == 'x';
    }

    /// The name of a program may hold blanks and parentheses, so the fields are counted after the *last* `)`.
    /// @return empty when the line is torn or strange
    static Optional<ProcStat> parse(long pid, String line) {
        int close = line.lastIndexOf(')');
        if (close < 0 || close + 2 >= line.length()) return Optional.empty();
        String[] fields = line.substring(close + 2).trim().split(" ");
        if (fields.length < 20) return Optional.empty();
        try {
            // fields[0] is field 3 of proc(5)
            long cpu = 0;
            for (int i = 11; i <= 14; i++) cpu += Long.parseLong(fields[i]);
            return Optional.of(new ProcStat(
                    pid,
                    fields[0].charAt(0),
                    Long.parseLong(fields[1]),
                    Long.parseLong(fields[2]),
                    Long.parseLong(fields[3]),
                    cpu,
                    Long.parseLong(fields[19])));
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }
}
