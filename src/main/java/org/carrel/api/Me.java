package org.carrel.api;

import java.util.List;

/// `GET /api/v1/me`.
/// @param csrf to be returned in `X-Carrel-Token` by pages; empty for bearers of tokens, who need none
public record Me(String user, List<String> groups, boolean admin, String csrf) {}
