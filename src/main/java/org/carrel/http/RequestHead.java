package org.carrel.http;

import java.net.InetAddress;
import java.util.List;
import java.util.Optional;

/// The first part of a request, as the listener accepted it: syntactically sound, exactly one known `Host`.
public interface RequestHead {
    /// upper case, for example `GET`
    String method();

    /// the path as sent, still percent-encoded; begins with `/`, holds no `..`, no control byte
    String path();

    /// what stands behind `?`, as sent, without the `?`; empty when there is none
    String query();

    /// host name in lower case, without port
    String host();

    /// host and port as sent
    String authority();

    /// `https` or `http`, as the browser sees it
    String scheme();

    /// @param name any case
    /// @return the first value, trimmed
    Optional<String> header(String name);

    List<String> headers(String name);

    /// all fields in order, names as sent
    List<Header> allHeaders();

    /// of the browser, behind trusted proxies too
    InetAddress remote();

    /// one for each request, made here, in every log line about it
    RequestId id();
}
