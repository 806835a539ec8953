package org.carrel.cli;

import java.io.BufferedReader;
import java.io.Console;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.Charset;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/// What a command sees of the world, so that tests can give it another.
/// @param terminal   a person reads the output
/// @param locals     where the socket of a Carrel on this machine may be; asked only when nothing else is given
/// @param ask        shows a question and reads one line; empty at the end of the input
/// @param askSecret  the same without echo
public record Surroundings(
        PrintStream out,
        PrintStream err,
        Map<String, String> environment,
        Path home,
        boolean terminal,
        InstantSource clock,
        Supplier<List<Path>> locals,
        Function<String, Optional<String>> ask,
        Function<String, Optional<String>> askSecret) {

    /// @param locals see above
    public static Surroundings ofThisProcess(Supplier<List<Path>> locals) {
        Optional<Console> console = Optional.ofNullable(System.console()).filter(Console::isTerminal);
        return new Surroundings(
                System.out,
                System.err,
                System.getenv(),
                Path.of(System.getProperty("user.home", "/")),
                console.isPresent(),
                InstantSource.system(),
                locals,
                console.<Function<String, Optional<String>>>map(
                                it -> question -> Optional.ofNullable(it.readLine("%s", question)))
                        .orElse(question -> lineOfInput()),
                console.<Function<String, Optional<String>>>map(
                                it -> question -> Optional.ofNullable(it.readPassword("%s", question))
                                        .map(String::new))
                        .orElse(question -> lineOfInput()));
    }

    Optional<String> variable(String name) {
        return Optional.ofNullable(environment.get(name)).filter(value -> !value.isEmpty());
    }

    /// colours: for people only, and not for those who asked for none (no-color.org)
    boolean colours() {
        return terminal && variable("NO_COLOR").isEmpty() && !variable("TERM").equals(Optional.of("dumb"));
    }

    private static Optional<String> lineOfInput() {
        try {
            return Optional.ofNullable(
                    new BufferedReader(new InputStreamReader(System.in, Charset.defaultCharset())).readLine());
        } catch (IOException closed) {
            return Optional.empty();
        }
    }
}
