package org.carrel.front;

import java.util.Optional;
import org.carrel.domain.session.SessionId;
import org.carrel.port.Admission.Verdict.Open;
import org.carrel.port.SocketOwner;
import org.jspecify.annotations.Nullable;

/// One copy of the service, as one front sees it. Guarded by the front.
final class Copy {
    /// Leave to carry connections to it.
    record Leave(Open open, Optional<SocketOwner> owner) {}

    final SessionId id;
    /// connections of this front, those that are being opened too
    int connections;
    /// not to be tried before
    long notBefore = System.nanoTime();

    @Nullable
    Leave leave;

    Copy(SessionId id) {
        this.id = id;
    }
}
