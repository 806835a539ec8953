package org.carrel.api;

/// Something for the administrator, as the REST interface shows it.
/// @param about `settings`, `users` or `orphan`
/// @param what  a sentence
/// @param next  what to do
public record TroubleInfo(String node, String about, String what, String next) {}
