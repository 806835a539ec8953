package org.carrel.simulate;

/// Chance as a function: the same question has the same answer, whatever was asked before.
final class Lots {
    private Lots() {}

    /// @return from 0 to bound - 1
    static long draw(long seed, long who, long number, long what, long bound) {
        long z = mixed(mixed(mixed(mixed(seed) + who) + number) + what);
        return Math.floorMod(z, bound);
    }

    /// SplitMix64 (Steele, Lea, Flood 2014).
    static long mixed(long seed) {
        long z = seed + 0x9e3779b97f4a7c15L;
        z = (z ^ z >>> 30) * 0xbf58476d1ce4e5b9L;
        z = (z ^ z >>> 27) * 0x94d049bb133111ebL;
        return z ^ z >>> 31;
    }
}
