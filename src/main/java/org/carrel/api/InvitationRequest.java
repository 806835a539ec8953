package org.carrel.api;

import org.jspecify.annotations.Nullable;

/// `POST /api/v1/invitations`
/// @param expiresIn seconds, 60 to 86,400; 900 when left out
public record InvitationRequest(@Nullable Long expiresIn) {}
