package org.carrel.api;

import java.time.Instant;
import java.util.List;

/// A token as its owner sees it later; the token itself is never shown again.
/// @param id names it for revoking; tells nothing about the token
public record TokenInfo(String id, List<String> scopes, Instant created, Instant expires) {}
