package org.carrel.cli;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import org.carrel.api.ApiClient;
import org.carrel.api.ServerAddress;
import picocli.CommandLine.Option;

/// Options of every command that speaks to a server, and how it is found:
///
/// - token: `CARREL_TOKEN_FILE`, else `CARREL_TOKEN`, else ~/.config/carrel/token
/// - address: `--url`, else `CARREL_URL`, else, without a token, the socket of a Carrel on this machine that this user
///   may use, else http://localhost:8080
final class Server {
    private static final String USUAL = "http://localhost:8080";
    private static final long MAX_TOKEN_FILE = 4096;

    @Option(
            names = "--url",
            paramLabel = "URL",
            description = "Address of Carrel; else CARREL_URL, else " + USUAL + ". Also unix:/path/of/socket.")
    Optional<String> url = Optional.empty();

    @Option(names = "--json", description = "Print JSON, for programs.")
    boolean json;

    ApiClient client(Surroundings surroundings) throws IOException {
        Optional<String> token = token(surroundings);
        ServerAddress address = address(surroundings, token.isEmpty());
        if (token.isEmpty()) return ApiClient.anonymous(address);
        warnIfReadable(address, surroundings);
        return ApiClient.withToken(address, token.get());
    }

    /// for messages
    ServerAddress address(Surroundings surroundings) {
        return address(surroundings, false);
    }

    private ServerAddress address(Surroundings surroundings, boolean local) {
        Optional<String> given = url.or(() -> surroundings.variable("CARREL_URL"));
        if (given.isPresent() || !local) return ServerAddress.parse(given.orElse(USUAL));
        for (Path socket : surroundings.locals().get()) if (answers(socket)) return new ServerAddress.Local(socket);
        return ServerAddress.parse(USUAL);
    }

    /// One may have stayed of a program that was killed.
    private static boolean answers(Path socket) {
        if (!Files.isWritable(socket)) return false;
        try (SocketChannel _ = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
            return true;
        } catch (IOException nobody) {
            return false;
        }
    }

    static Path tokenFile(Surroundings surroundings) {
        return surroundings
                .variable("XDG_CONFIG_HOME")
                .map(Path::of)
                .orElse(surroundings.home().resolve(".config"))
                .resolve("carrel/token");
    }

    static void warnIfReadable(ServerAddress address, Surroundings surroundings) {
        if (address instanceof ServerAddress.Web web && !web.tls() && !web.isLoopback())
            surroundings
                    .err()
                    .println("warning: " + web.host() + " is reached without encryption; anybody on the way can"
                            + " read your token or password. Use https://.");
    }

    private static Optional<String> token(Surroundings surroundings) throws IOException {
        Optional<Path> named = surroundings.variable("CARREL_TOKEN_FILE").map(Path::of);
        if (named.isPresent()) return Optional.of(read(named.get(), surroundings));
        Optional<String> given = surroundings.variable("CARREL_TOKEN");
        if (given.isPresent()) return given.map(String::strip);
        Path usual = tokenFile(surroundings);
        return Files.exists(usual) ? Optional.of(read(usual, surroundings)) : Optional.empty();
    }

    private static String read(Path file, Surroundings surroundings) throws IOException {
        if (Files.size(file) > MAX_TOKEN_FILE) throw new IOException(file + " is too long to hold a token");
        Set<PosixFilePermission> others = EnumSet.of(PosixFilePermission.GROUP_READ, PosixFilePermission.OTHERS_READ);
        others.retainAll(Files.getPosixFilePermissions(file));
        if (!others.isEmpty())
            surroundings.err().println("warning: others may read " + file + "; run: chmod 600 " + file);
        return Files.readString(file).strip();
    }
}
