package org.carrel.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.carrel.api.ApiClient;
import org.carrel.api.ApiWords;
import org.carrel.api.Json;
import org.carrel.api.ServerAddress;
import org.carrel.api.TokenAnswer;
import org.carrel.api.TokenInfo;
import org.carrel.api.TokenRequest;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `carrel token`
@Command(
        name = "token",
        description = {
            "Makes a token by which programs and this command act for you.",
            "Asks for your password, or reads it from standard input."
        },
        footer = {"", "Example:", "  carrel token --user ada --expires 30d --save"})
final class TokenCommand implements Callable<Integer> {
    private final Surroundings surroundings;

    @Mixin
    Server server = new Server();

    @Option(names = "--user", paramLabel = "USER", description = "Who you are; else the name on this machine.")
    Optional<String> user = Optional.empty();

    @Option(
            names = "--scope",
            paramLabel = "SCOPE",
            split = ",",
            description = "use, admin or metrics; else use. May be given several times.")
    List<String> scopes = List.of();

    @Option(
            names = "--expires",
            paramLabel = "TIME",
            description = "How long it holds: 90s, 15m, 12h, 30d; from 60s to 365d, else 24h.")
    Optional<String> expires = Optional.empty();

    @Option(names = "--save", description = "Write it to ~/.config/carrel/token, where this command finds it.")
    boolean save;

    @Option(names = "--list", description = "List your tokens instead, without their secrets.")
    boolean list;

    @Option(names = "--revoke", paramLabel = "ID", description = "Revoke this one instead.")
    Optional<String> revoke = Optional.empty();

    TokenCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public Integer call() throws IOException, Failure {
        if (list) return list();
        if (revoke.isPresent()) return revoke(revoke.get());
        ServerAddress address = server.address(surroundings);
        Server.warnIfReadable(address, surroundings);
        TokenRequest wanted = new TokenRequest(
                scopes.isEmpty() ? null : scopes,
                expires.map(TokenCommand::seconds).orElse(null));
        String name = user.or(() -> surroundings.variable("USER"))
                .orElseThrow(() -> new Failure(Exit.USAGE, "say who you are with --user"));
        String password = surroundings
                .askSecret()
                .apply("Password of " + name + ": ")
                .filter(text -> !text.isEmpty())
                .orElseThrow(() -> new Failure(Exit.USAGE, "a password is needed"));
        TokenAnswer made = ApiClient.withPassword(address, name, password.toCharArray())
                .post(ApiWords.TOKENS, wanted, TokenAnswer.class);
        if (!save) surroundings.out().println(server.json ? Json.pretty(made) : made.token());
        else save(made);
        return Exit.OK.code();
    }

    private void save(TokenAnswer made) throws IOException {
        Path file = Server.tokenFile(surroundings);
        Path directory = file.toAbsolutePath().getParent();
        if (directory == null) throw new IOException("no directory for " + file);
        Files.createDirectories(directory);
        // made anew with its mode, then put in place: never readable by others, never half written
        Path fresh = directory.resolve("token.new");
        Files.deleteIfExists(fresh);
        Files.createFile(fresh, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(fresh, made.token() + "\n", StandardOpenOption.WRITE);
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        if (server.json)
            surroundings.out().println(Json.pretty(Map.of("file", file.toString(), "expires", made.expires())));
        else surroundings.out().println("Saved to " + file + "; it holds until " + made.expires() + ".");
    }

    private int list() throws IOException {
        List<TokenInfo> tokens = server.client(surroundings).list(ApiWords.TOKENS, TokenInfo.class);
        if (server.json) surroundings.out().println(Json.pretty(Map.of("items", tokens)));
        else if (tokens.isEmpty()) surroundings.out().println("You have no tokens.");
        else
            Show.table(
                            List.of("ID", "SCOPES", "MADE", "EXPIRES"),
                            tokens.stream().map(this::row).toList(),
                            surroundings.colours())
                    .forEach(surroundings.out()::println);
        return Exit.OK.code();
    }

    private List<String> row(TokenInfo token) {
        return List.of(
                token.id(),
                String.join(",", token.scopes()),
                Show.ago(token.created(), surroundings.clock().instant()),
                Show.ago(token.expires(), surroundings.clock().instant()));
    }

    private int revoke(String id) throws IOException, Failure {
        if (!id.matches("[a-zA-Z0-9_-]{1,64}")) throw new Failure(Exit.USAGE, "not the id of a token");
        server.client(surroundings).delete(ApiWords.TOKENS + "/" + id);
        if (!server.json) surroundings.out().println("Revoked.");
        return Exit.OK.code();
    }

    /// @param text a whole number and one of `s m h d`
    static Long seconds(String text) {
        if (!text.matches("[0-9]{1,9}[smhd]"))
            throw new IllegalArgumentException(
                    "--expires: write 90s, 15m, 12h or 30d, not \"" + Show.clean(text) + "\"");
        long count = Long.parseLong(text.substring(0, text.length() - 1));
        Duration length = switch (text.charAt(text.length() - 1)) {
            case 's' -> Duration.ofSeconds(count);
            case 'm' -> Duration.ofMinutes(count);
            case 'h' -> Duration.ofHours(count);
            default -> Duration.ofDays(count);
        };
        return length.toSeconds();
    }
}
