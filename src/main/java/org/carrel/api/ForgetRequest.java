package org.carrel.api;

import org.jspecify.annotations.Nullable;

/// `POST /api/v1/nodes/{name}/forget`
/// @param revoke whether it is shut out as well: no node lets it in any more, whether or not it is out of reach
public record ForgetRequest(@Nullable Boolean revoke) {}
