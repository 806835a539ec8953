package org.carrel.gateway;

import static org.carrel.domain.Require.require;

import java.net.InetAddress;

/// A block of addresses.
/// @param prefix leading bits that count, 0 to 32 or 128
public record Cidr(InetAddress address, int prefix) {
    public Cidr {
        require(
                prefix >= 0 && prefix <= address.getAddress().length * 8,
                "a prefix length that doesn't fit: " + prefix);
    }

    /// @param text `10.0.0.0/8`, `::1/128`, or one address; names are refused
    public static Cidr parse(String text) {
        int slash = text.indexOf('/');
        InetAddress address = InetAddress.ofLiteral(slash < 0 ? text : text.substring(0, slash));
        int bits = address.getAddress().length * 8;
        return new Cidr(address, slash < 0 ? bits : Integer.parseInt(text.substring(slash + 1)));
    }

    public boolean contains(InetAddress other) {
        byte[] ours = address.getAddress();
        byte[] theirs = other.getAddress();
        if (ours.length != theirs.length) return false;
        for (int bit = 0; bit < prefix; bit += 8) {
            int mask = prefix - bit >= 8 ? 0xff : 0xff << 8 - (prefix - bit) & 0xff;
            if ((ours[bit / 8] & mask) != (theirs[bit / 8] & mask)) return false;
        }
        return true;
    }
}
