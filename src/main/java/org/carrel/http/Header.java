package org.carrel.http;

/// One header field.
public record Header(String name, String value) {}
