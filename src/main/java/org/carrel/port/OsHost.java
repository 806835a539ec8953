package org.carrel.port;

/// How busy this machine is. Sizes in bytes.
/// @param cpuPercent of all cores since the look before; 0 for the first
/// @param cores      the machine's
/// @param used       memory of programs: neither free nor buffers nor page cache
/// @param free       memory nobody uses, not even for files
/// @param available  memory a new program may have without swapping
public record OsHost(
        double cpuPercent, int cores, long memory, long used, long free, long available, long swap, long swapFree) {}
