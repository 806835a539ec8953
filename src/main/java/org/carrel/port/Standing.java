package org.carrel.port;

import java.util.function.BooleanSupplier;

/// One sign-in, or one token: it ends as a whole when it is revoked or its user is removed. What was opened by it asks
/// here whether it still holds.
///
/// Two proofs of one sign-in, or of one token, have equal standings.
public final class Standing {
    /// for proofs that nothing ends
    public static final Standing LASTING = new Standing("", "", () -> true);

    private final String id;
    private final String claim;
    private final BooleanSupplier holds;

    private Standing(String id, String claim, BooleanSupplier holds) {
        this.id = id;
        this.claim = claim;
        this.holds = holds;
    }

    /// @param id    the same for proofs that end together; shown to nobody
    /// @param claim by which another program of this node finds the same again: `Identities.again`
    /// @param holds any thread; never blocks
    public static Standing of(String id, String claim, BooleanSupplier holds) {
        return new Standing(id, claim, holds);
    }

    public String claim() {
        return claim;
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
