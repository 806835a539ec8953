package org.carrel.api;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// `POST /api/v1/invitations`
/// @param expiresIn seconds, 60 to 86,400; 900 when left out
/// @param roles     that the machine may have: `agent`, `gateway` or both; both when left out
public record InvitationRequest(
        @Nullable Long expiresIn, @Nullable List<String> roles) {}
