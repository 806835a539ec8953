package org.carrel.domain.session;

/// What a launcher started and a session sits in: a process group, later a container, a pod, a machine.
/// @param endpoint where it listens, or will
public record Workload(Handle handle, Endpoint endpoint) {}
