package org.carrel.api;

import java.time.Instant;
import java.util.List;

/// @param token for `carrel join` on the new machine, used once; shown this once
/// @param roles that the machine may have
public record InvitationAnswer(String token, Instant expires, List<String> roles) {}
