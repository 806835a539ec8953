package org.carrel.http;

/// Names one request in logs; asking twice with the same one is harmless.
/// @param value 1 to 64 visible ASCII characters
public record RequestId(String value) {
    @Override
    public String toString() {
        return value;
    }
}
