package org.carrel.domain.place;

import java.util.List;

/// A hash that is the same on every node and in every version of the program: all gateways must rank nodes alike.
/// Not for secrets; nobody gains by choosing a node.
///
/// FNV-1a over 64 bits (draft-eastlake-fnv, 2.1) of each text's UTF-16 units, low byte first, with the unit 0xffff
/// after
/// each text (no text holds that one, so "ab","c" isn't "a","bc"), then the finaliser of SplitMix64 (Steele, Lea,
/// Flood:
/// "Fast splittable pseudorandom number generators", 2014), because the high bits of FNV move too little on short
/// texts.
public final class StableHash {
    private static final long OFFSET = 0xcbf29ce484222325L;
    private static final long PRIME = 0x100000001b3L;
    private static final char AFTER_TEXT = 0xffff;

    private StableHash() {}

    public static long of(List<String> texts) {
        return mixed(hashed(texts));
    }

    /// The same as of all those texts and one more.
    /// @param hashed of the texts before it
    static long of(long hashed, String last) {
        return mixed(with(hashed, last));
    }

    /// What `of` begins with.
    static long hashed(List<String> texts) {
        long hash = OFFSET;
        for (String text : texts) hash = with(hash, text);
        return hash;
    }

    private static long with(long before, String text) {
        long hash = before;
        for (int i = 0; i < text.length(); i++) hash = with(hash, text.charAt(i));
        return with(hash, AFTER_TEXT);
    }

    private static long with(long hash, char unit) {
        long low = (hash ^ unit & 0xff) * PRIME;
        return (low ^ unit >>> 8) * PRIME;
    }

    private static long mixed(long hash) {
        long z = hash;
        z = (z ^ z >>> 30) * 0xbf58476d1ce4e5b9L;
        z = (z ^ z >>> 27) * 0x94d049bb133111ebL;
        return z ^ z >>> 31;
    }
}
