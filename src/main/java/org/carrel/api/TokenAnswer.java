package org.carrel.api;

import java.time.Instant;
import java.util.List;

/// @param token to be sent as `Authorization: Bearer …`; shown this once
public record TokenAnswer(String token, Instant expires, List<String> scopes) {}
