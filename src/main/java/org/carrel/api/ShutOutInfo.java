package org.carrel.api;

import java.time.Instant;

/// A machine that is shut out.
/// @param id   by which it is shut out
/// @param name it had then
public record ShutOutInfo(String id, String name, Instant since) {}
