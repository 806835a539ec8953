package org.carrel.port;

import java.util.function.BooleanSupplier;

/// One sign-in, or one token: it ends as a whole when it is revoked or its user is removed. What was opened by it asks
/// here whether it still holds.
///
/// Two proofs of one sign-in, or of one token, have equal standings.
public final class Standing {
    /// for proofs that nothing ends
    public static final Standing LASTING = new Standing("", () -> true);

    private final String id;
    private final BooleanSupplier holds;

    private Standing(String id, BooleanSupplier holds) {
        this.id = id;
        this.holds = holds;
    }

    /// @param id    the same for proofs that end together; shown to nobody
    /// @param holds any thread; never blocks
    public static Standing of(String id, BooleanSupplier holds) {
        return new Standing(id, holds);
    }

    public boolean holds() {
        return holds.getAsBoolean();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Standing standing && standing.id.equals(id);
    }

    @Override
    public int hashCode() {
        return id.hashCode();
    }
}
