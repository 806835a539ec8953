package org.carrel.api;

import java.util.List;

/// A service and its copies.
/// @param path where the gateway serves it
public record ServiceInfo(String app, String title, String path, boolean anonymous, List<CopyInfo> copies) {}
