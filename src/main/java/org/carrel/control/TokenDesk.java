package org.carrel.control;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.carrel.api.TokenAnswer;
import org.carrel.api.TokenInfo;
import org.carrel.domain.user.Scope;
import org.carrel.domain.user.UserId;

/// Where bearer tokens are made, listed and revoked.
public interface TokenDesk {
    /// @param scopes already known to be no more than the user may
    TokenAnswer make(UserId user, Set<Scope> scopes, Duration life);

    List<TokenInfo> list(UserId user);

    /// @return false when this user has no such token
    boolean revoke(UserId user, String id);
}
