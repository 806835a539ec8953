package org.carrel.support;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// A running double of RStudio Server (`src/test/resources/rstudio-double`), as root, with accounts of its own; or the
/// real one, where `CARREL_RSTUDIO` names its `rserver`. It shares nothing with the app kind: what signs a user on is
/// worked out here once more.
public final class RStudioServerDouble implements AutoCloseable {
    public static final String KEY = "0123456789abcdef0123456789abcdef";
    private static final Optional<String> REAL = Optional.ofNullable(System.getenv("CARREL_RSTUDIO"));
    private static final DateTimeFormatter DATE =
            DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ROOT);

    private final Path directory;
    private final Path socket;
    private final Path key;
    private Process process;

    /// One request's answer; framing taken away.
    public record Reply(int status, String head, String body) {
        public Optional<String> header(String name) {
            return head.lines()
                    .filter(line -> line.regionMatches(true, 0, name + ":", 0, name.length() + 1))
                    .map(line -> line.substring(name.length() + 1).strip())
                    .findFirst();
        }
    }

    private RStudioServerDouble(Path directory, Path key) {
        this.directory = directory;
        this.socket = directory.resolve("s");
        this.key = key;
    }

    /// @param directory new, with a short path that everybody may pass
    /// @param key       the same file for all that belong together; made when it isn't there
    public static RStudioServerDouble open(Path directory, Path key) throws Exception {
        Files.createDirectories(directory);
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        if (!Files.exists(key)) {
            Files.writeString(key, KEY);
            Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-------"));
        }
        RStudioServerDouble it = new RStudioServerDouble(directory, key);
        it.start();
        return it;
    }

    public static boolean isReal() {
        return REAL.isPresent();
    }

    private void start() throws Exception {
        List<String> command = new ArrayList<>();
        if (REAL.isPresent()) command.addAll(List.of(REAL.get(), "--server-daemonize=0"));
        else {
            Path bin = Files.createDirectories(directory.resolve("bin"));
            for (String name : List.of("rserver", "rsession")) copy(Path.of("/usr/bin/perl"), bin.resolve(name));
            for (String name : List.of("rserver.pl", "rsession.pl", "ide.html"))
                copy(Path.of("target/test-classes/rstudio-double", name), bin.resolve(name));
            Files.setPosixFilePermissions(bin, PosixFilePermissions.fromString("rwxr-xr-x"));
            command.addAll(List.of(
                    bin.resolve("rserver").toString(), bin.resolve("rserver.pl").toString()));
        }
        command.addAll(List.of(
                "--www-socket=" + socket,
                "--secure-cookie-key-file=" + key,
                "--server-data-dir=" + directory.resolve("d")));
        process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("log").toFile())
                .start();
        Await.until("rserver listens", () -> {
            if (!process.isAlive()) throw new AssertionError("rserver ended: " + log());
            return Files.exists(socket) && ask("GET", "/auth-sign-in", "").status() == 200;
        });
    }

    private static void copy(Path from, Path to) throws IOException {
        if (Files.exists(to)) return;
        Files.copy(from, to);
        Files.setPosixFilePermissions(to, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    public Path socket() {
        return socket;
    }

    public Path key() {
        return key;
    }

    public String log() throws IOException {
        return Files.readString(directory.resolve("log"));
    }

    /// By the recipe of `SecureCookie.cpp`.
    public static String cookie(String keyText, String account, Instant until) {
        String date = DATE.format(until.atOffset(ZoneOffset.UTC));
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(keyText.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
            byte[] signature = mac.doFinal((account + date).getBytes(StandardCharsets.UTF_8));
            return escaped(account) + "|" + escaped(date) + "|"
                    + escaped(Base64.getEncoder().encodeToString(signature));
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private static String escaped(String text) {
        StringBuilder out = new StringBuilder();
        for (char c : text.toCharArray())
            if (Character.isLetterOrDigit(c) || "~!*()'.-_".indexOf(c) >= 0) out.append(c);
            else out.append(String.format("%%%02X", (int) c));
        return out.toString();
    }

    /// As a gateway would ask, on a connection of its own.
    public Reply ask(String method, String path, String body, String... headers) throws IOException {
        StringBuilder text = new StringBuilder(method + " " + path + " HTTP/1.1\r\nHost: localhost\r\n");
        for (String header : headers) text.append(header).append("\r\n");
        if (!body.isEmpty())
            text.append("Content-Length: ")
                    .append(body.getBytes(StandardCharsets.UTF_8).length)
                    .append("\r\n");
        return exchange(text.append("\r\n").append(body).toString());
    }

    /// @param request every byte of it
    public Reply exchange(String request) throws IOException {
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(UnixDomainSocketAddress.of(socket));
            ByteBuffer out = ByteBuffer.wrap(request.getBytes(StandardCharsets.UTF_8));
            while (out.hasRemaining()) channel.write(out);
            ByteArrayOutputStream all = new ByteArrayOutputStream();
            ByteBuffer in = ByteBuffer.allocate(1 << 16);
            while (channel.read(in) >= 0) {
                all.write(in.array(), 0, in.position());
                in.clear();
            }
            return reply(all.toString(StandardCharsets.UTF_8));
        }
    }

    private static Reply reply(String text) throws IOException {
        int end = text.indexOf("\r\n\r\n");
        if (end < 0 || !text.startsWith("HTTP/1.1 ")) throw new IOException("no answer: " + text);
        return new Reply(Integer.parseInt(text.substring(9, 12)), text.substring(0, end), text.substring(end + 4));
    }

    /// The sessions of an account, by their programs' name.
    public static List<Long> sessions(String account) throws Exception {
        return command("pgrep", "-x", "rsession", "-u", account)
                .lines()
                .map(Long::parseLong)
                .toList();
    }

    /// A person's account of this machine.
    /// @param above a directory that everybody may pass
    public static void makeAccount(String name, Path above) throws Exception {
        removeAccount(name);
        command(
                "useradd",
                "--no-user-group",
                "--create-home",
                "--home-dir",
                above.resolve(name).toString(),
                name);
    }

    public static void removeAccount(String name) throws Exception {
        for (long pid : sessions(name)) ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
        command("userdel", "--force", name);
    }

    private static String command(String... words) throws Exception {
        Process process = new ProcessBuilder(words)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try (InputStream output = process.getInputStream()) {
            String said = new String(output.readAllBytes(), StandardCharsets.UTF_8);
            process.waitFor();
            return said;
        }
    }

    /// As `systemctl stop` does; its sessions suspend themselves.
    @Override
    public void close() throws Exception {
        process.destroy();
        if (!process.waitFor(20, TimeUnit.SECONDS)) process.destroyForcibly();
    }
}
