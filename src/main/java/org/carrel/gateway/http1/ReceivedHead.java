package org.carrel.gateway.http1;

import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import org.carrel.http.Header;
import org.carrel.http.RequestHead;
import org.carrel.http.RequestId;

/// A request head as text, for code that isn't on the way of every byte.
public record ReceivedHead(
        String method,
        String path,
        String query,
        String host,
        String authority,
        String scheme,
        List<Header> allHeaders,
        InetAddress remote,
        RequestId id)
        implements RequestHead {

    public static ReceivedHead of(RawRequest raw, String scheme, InetAddress remote, RequestId id) {
        return new ReceivedHead(
                raw.method(),
                raw.path(),
                raw.query(),
                raw.host(),
                raw.authority(),
                scheme,
                List.copyOf(raw.fields().all()),
                remote,
                id);
    }

    @Override
    public Optional<String> header(String name) {
        for (Header header : allHeaders) if (header.name().equalsIgnoreCase(name)) return Optional.of(header.value());
        return Optional.empty();
    }

    @Override
    public List<String> headers(String name) {
        return allHeaders.stream()
                .filter(header -> header.name().equalsIgnoreCase(name))
                .map(Header::value)
                .toList();
    }
}
