package org.carrel.control.page;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.JarURLConnection;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.carrel.http.Answer;
import org.carrel.http.Header;
import org.carrel.http.RequestHead;

/// The static files of the pages, read from the program once. Only what was found then is ever served, so no
/// path can
/// lead anywhere else.
final class WebFiles {
    static final String ROOT = "web/";
    private static final int WORTH_COMPRESSING = 1024;
    private static final Set<String> TEXTS = Set.of("js", "css", "svg", "json", "html", "txt");
    private static final Map<String, String> TYPES = Map.of(
            "js", "text/javascript; charset=utf-8",
            "css", "text/css; charset=utf-8",
            "svg", "image/svg+xml",
            "json", "application/json",
            "png", "image/png",
            "ico", "image/x-icon",
            "woff2", "font/woff2",
            "txt", "text/plain; charset=utf-8");

    /// name below `web/` -> file
    private final Map<String, WebFile> files;
    private final Map<String, String> templates;

    private record WebFile(byte[] plain, Optional<byte[]> gzip, String type, String etag) {}

    private WebFiles(Map<String, WebFile> files, Map<String, String> templates) {
        this.files = Map.copyOf(files);
        this.templates = Map.copyOf(templates);
    }

    static WebFiles load() {
        ClassLoader loader = WebFiles.class.getClassLoader();
        Map<String, WebFile> files = new HashMap<>();
        Map<String, String> templates = new HashMap<>();
        try {
            for (String name : names(loader)) {
                byte[] content = content(loader, name);
                String ending = name.substring(name.lastIndexOf('.') + 1);
                if (ending.equals("html"))
                    templates.put(name.substring(0, name.length() - 5), new String(content, StandardCharsets.UTF_8));
                Optional<String> type = Optional.ofNullable(TYPES.get(ending));
                if (type.isPresent()) files.put(name, file(content, ending, type.get()));
            }
        } catch (IOException unreadable) {
            throw new UncheckedIOException("the program's own web files can't be read", unreadable);
        }
        return new WebFiles(files, templates);
    }

    Optional<String> template(String page) {
        return Optional.ofNullable(templates.get(page));
    }

    /// @param name below `web/`
    Optional<Answer.Whole> answer(RequestHead head, String name) {
        return Optional.ofNullable(files.get(name)).map(file -> answer(head, file));
    }

    private static Answer.Whole answer(RequestHead head, WebFile file) {
        List<Header> headers = new ArrayList<>();
        headers.add(new Header("Content-Type", file.type()));
        headers.add(new Header("ETag", file.etag()));
        // asked for again each time, which costs a 304: a new version of the program shows at once
        headers.add(new Header("Cache-Control", "no-cache"));
        headers.add(new Header("Vary", "Accept-Encoding"));
        headers.add(new Header("X-Content-Type-Options", "nosniff"));
        headers.add(new Header("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'"));
        headers.add(new Header("Cross-Origin-Resource-Policy", "same-origin"));
        if (head.headers("If-None-Match").stream().anyMatch(it -> it.contains(file.etag())))
            return new Answer.Whole(304, headers, new byte[0]);
        boolean compress = file.gzip().isPresent()
                && head.header("Accept-Encoding").orElse("").contains("gzip");
        if (!compress) return new Answer.Whole(200, headers, file.plain());
        headers.add(new Header("Content-Encoding", "gzip"));
        return new Answer.Whole(200, headers, file.gzip().orElseThrow());
    }

    private static WebFile file(byte[] content, String ending, String type) throws IOException {
        Optional<byte[]> gzip = Optional.empty();
        if (TEXTS.contains(ending) && content.length >= WORTH_COMPRESSING) {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream(content.length);
            try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
                out.write(content);
            }
            gzip = Optional.of(bytes.toByteArray());
        }
        return new WebFile(content, gzip, type, etag(content));
    }

    private static String etag(byte[] content) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(content);
            return "\"" + HexFormat.of().formatHex(digest, 0, 8) + "\"";
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible); // every Java has SHA-256
        }
    }

    private static byte[] content(ClassLoader loader, String name) throws IOException {
        try (InputStream in = loader.getResourceAsStream(ROOT + name)) {
            if (in == null) throw new IOException("listed but not there: " + name);
            return in.readAllBytes();
        }
    }

    private static List<String> names(ClassLoader loader) throws IOException {
        URL root = loader.getResource(ROOT);
        if (root == null)
            throw new IOException("this program came without its pages: no " + ROOT + " on its class path");
        if (root.openConnection() instanceof JarURLConnection jar)
            return jar.getJarFile().stream()
                    .filter(it -> !it.isDirectory() && it.getName().startsWith(ROOT))
                    .map(it -> it.getName().substring(ROOT.length()))
                    .toList();
        try {
            Path directory = Path.of(new URI(root.toString()));
            try (Stream<Path> found = Files.walk(directory)) {
                return found.filter(Files::isRegularFile)
                        .map(it -> directory.relativize(it).toString())
                        .toList();
            }
        } catch (URISyntaxException impossible) {
            throw new IOException("not a place for files: " + root, impossible);
        }
    }
}
