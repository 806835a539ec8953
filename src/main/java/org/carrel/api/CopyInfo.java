package org.carrel.api;

import java.time.Instant;

/// A copy of a service.
/// @param session id, for `carrel logs`
/// @param state   as a session's
public record CopyInfo(String node, String session, String state, Instant since) {}
