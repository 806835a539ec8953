package org.carrel.port;

/// Of a workload that speaks first.
/// @param bytes       with which it begins each connection; there is none before they have come
/// @param connections it may have at once
public record Greeted(int bytes, int connections) {}
