package org.carrel.api;

import java.util.List;

/// A service and its copies.
/// @param path  where the gateway serves it, on the portal's host; leads to the first of its own hosts, if it has some
/// @param hosts names of its own, by which the gateway serves it at `/`
public record ServiceInfo(
        String app, String title, String path, List<String> hosts, boolean anonymous, List<CopyInfo> copies) {}
