package org.carrel.auth;

import java.util.Optional;
import org.carrel.domain.user.UserId;

/// The users of the moment. Asked for every request, so never blocks; a user who was removed or moved to other
/// groups
/// is
/// so at the next request.
@FunctionalInterface
public interface Accounts {
    Optional<Account> find(UserId user);

    /// Rises, after the change, whenever a user may have been removed or may do less. Never for a fixed list.
    default long version() {
        return 0;
    }
}
