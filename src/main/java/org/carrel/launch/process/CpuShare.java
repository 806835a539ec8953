package org.carrel.launch.process;

/// How busy all cores were between two readings of `/proc/stat`. One reader.
/// Source: proc(5): `cpu user nice system idle iowait irq softirq steal guest guest_nice`; guest is in user already.
final class CpuShare {
    private long lastBusy;
    private long lastTotal;

    /// @param stat the file's text
    /// @return 0 to 100; 0 for the first reading
    double percent(String stat) {
        String[] words = stat.lines().findFirst().orElse("").split("\\s+");
        if (words.length < 6) return 0;
        long total = 0;
        for (int i = 1; i < Math.min(words.length, 9); i++) total += Long.parseLong(words[i]);
        long busy = total - Long.parseLong(words[4]) - Long.parseLong(words[5]);
        long spent = total - lastTotal;
        double percent = lastTotal == 0 || spent <= 0 ? 0 : 100.0 * (busy - lastBusy) / spent;
        lastBusy = busy;
        lastTotal = total;
        return Math.clamp(percent, 0, 100);
    }
}
