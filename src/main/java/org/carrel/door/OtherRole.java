package org.carrel.door;

import java.io.IOException;

/// Whoever answers at a door isn't believed there, by the roles of its certificate.
final class OtherRole extends IOException {
    OtherRole(String message) {
        super(message);
    }
}
