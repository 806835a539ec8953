package org.carrel.api;

/// The data of an event named `gone`: a session left the lists, long after its end.
public record SessionGone(String id) {}
