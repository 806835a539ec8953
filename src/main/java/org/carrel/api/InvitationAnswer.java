package org.carrel.api;

import java.time.Instant;

/// @param token for `carrel join` on the new machine, used once; shown this once
public record InvitationAnswer(String token, Instant expires) {}
