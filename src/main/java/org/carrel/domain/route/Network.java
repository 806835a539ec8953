package org.carrel.domain.route;

import static org.carrel.domain.Require.require;

import java.math.BigInteger;
import java.util.StringJoiner;

/// A range of addresses, for example `10.0.0.0/8`, or one address.
/// @param size    bytes of its addresses, 4 or 16
/// @param address one of them, as a number
/// @param bits    of the address that must agree
public record Network(int size, BigInteger address, int bits) {
    public Network {
        require(size == 4 || size == 16, "an address has 4 or 16 bytes, not " + size);
        require(bits >= 0 && bits <= size * 8, "a prefix of " + bits + " bits for an address of " + size + " bytes");
    }

    public static Network of(byte[] address, int bits) {
        return new Network(address.length, new BigInteger(1, address), bits);
    }

    public boolean contains(byte[] other) {
        return other.length == size
                && new BigInteger(1, other)
                                .xor(address)
                                .shiftRight(size * 8 - bits)
                                .signum()
                        == 0;
    }

    @Override
    public String toString() {
        StringJoiner text = new StringJoiner(size == 4 ? "." : ":", "", "/" + bits);
        int part = size == 4 ? 8 : 16;
        for (int shift = size * 8 - part; shift >= 0; shift -= part)
            text.add(address.shiftRight(shift)
                    .and(BigInteger.ONE.shiftLeft(part).subtract(BigInteger.ONE))
                    .toString(size == 4 ? 10 : 16));
        return text.toString();
    }
}
