package org.carrel.domain.session;

import java.util.OptionalLong;

/// What a launcher started and a session sits in: a process group, later a container, a pod, a machine.
/// @param endpoint where it listens, or will
/// @param pid      of its main process, when it is one of this node; to be shown, never acted on
public record Workload(Handle handle, Endpoint endpoint, OptionalLong pid) {}
