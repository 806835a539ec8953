package org.carrel.kind;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The keys by which users are signed on to servers that run already. They belong to root, so they are read while this
/// program is root, and kept; one that wasn't there then is looked for again, and may be out of reach by now.
public final class CookieKeys {
    private static final Logger log = LoggerFactory.getLogger(CookieKeys.class);
    private static final int BYTES_MOST = 4096;
    /// readable by its group at most
    private static final int FORBIDDEN = 037;

    private final Map<String, byte[]> keys = new ConcurrentHashMap<>();

    /// Reads it now, if it can be read.
    public void look(String path) {
        obstacle(path).ifPresent(why -> log.warn("key of an rserver not read cause=\"{}\"", why));
    }

    /// Why there is no such key, with the next step.
    Optional<String> obstacle(String path) {
        try {
            key(path);
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    /// @throws IOException with a sentence and the next step
    byte[] key(String path) throws IOException {
        byte[] known = keys.get(path);
        if (known != null) return known;
        byte[] fresh = read(Path.of(path));
        keys.put(path, fresh);
        return fresh;
    }

    private static byte[] read(Path path) throws IOException {
        try {
            if (!Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS))
                throw new IOException(
                        Files.exists(path, LinkOption.NOFOLLOW_LINKS)
                                ? path + " is no plain file"
                                : "there is no " + path + "; rserver makes it when it starts first, then copy it to all"
                                        + " machines and restart Carrel");
            int mode = (int) Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS);
            if ((mode & FORBIDDEN) != 0)
                throw new IOException(path + " is open to others, who could sign in as anybody: chmod 600 " + path
                        + ", and let rserver make a new one");
            byte[] key;
            try (var in = Files.newInputStream(path, LinkOption.NOFOLLOW_LINKS)) {
                key = in.readNBytes(BYTES_MOST + 1);
            }
            if (key.length < SecureCookie.KEY_LEAST || key.length > BYTES_MOST)
                throw new IOException(path + " must have " + SecureCookie.KEY_LEAST + " to " + BYTES_MOST
                        + " bytes to be the key of an rserver, not " + key.length);
            return key;
        } catch (NoSuchFileException gone) {
            throw new IOException("there is no " + path, gone);
        } catch (AccessDeniedException denied) {
            throw new IOException(
                    path + " can't be read by this program: start Carrel as root (it is read before root is given up;"
                            + " restart Carrel when the key is new)",
                    denied);
        }
    }
}
