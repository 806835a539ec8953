package org.carrel.api;

import java.util.Map;

/// What a machine was told to remember.
/// @param metadata at most 64 entries
public record MetadataInfo(String node, Map<String, String> metadata) {}
