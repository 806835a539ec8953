package org.carrel.launch.process;

import static org.carrel.domain.Require.require;

import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.carrel.domain.node.Resources;
import org.carrel.domain.session.SessionId;
import org.carrel.domain.user.UserId;

/// What hands are to start. Checked here, so that the starter checks again whatever it is sent.
/// @param argv        1 to 256 texts
/// @param environment at most 200; never the marker
/// @param directory   absolute, or empty for the session's own `tmp/`
/// @param files       at most 16 of at most 64 KiB
/// @param ownNetwork  in a network of its own, with nothing in it but loopback
record Job(
        SessionId id,
        UserId user,
        List<String> argv,
        Map<String, String> environment,
        String directory,
        Map<String, String> files,
        Resources limits,
        boolean ownNetwork) {
    static final int MAX_CHARACTERS = 128 * 1024;

    private static final Pattern VARIABLE = Pattern.compile("[A-Za-z_][A-Za-z0-9_]{0,99}");
    private static final Pattern FILE = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}");

    Job {
        argv = List.copyOf(argv);
        environment = Map.copyOf(environment);
        files = Map.copyOf(files);
        require(!argv.isEmpty() && argv.size() <= 256, "a command needs 1 to 256 words, not " + argv.size());
        require(!argv.getFirst().isEmpty() && !argv.getFirst().startsWith("-"), "not a program: " + argv.getFirst());
        require(environment.size() <= 200, "too many variables: " + environment.size());
        require(files.size() <= 16, "too many files: " + files.size());
        require(directory.isEmpty() || directory.startsWith("/"), "not an absolute directory: " + directory);
        require(
                argv.stream().mapToInt(String::length).sum() <= MAX_CHARACTERS,
                "a command may have " + MAX_CHARACTERS + " characters");
        int size = 0;
        for (String word : argv) text(word);
        text(directory);
        for (var variable : environment.entrySet()) {
            require(VARIABLE.matcher(variable.getKey()).matches(), "not a variable's name: " + variable.getKey());
            require(!variable.getKey().equals(Shim.MARKER), Shim.MARKER + " is set by the launcher");
            text(variable.getValue());
            size += variable.getValue().length();
        }
        require(size <= MAX_CHARACTERS, "the environment may have " + MAX_CHARACTERS + " characters");
        for (var file : files.entrySet()) {
            require(FILE.matcher(file.getKey()).matches(), "not a file's name: " + file.getKey());
            require(!Box.RESERVED.contains(file.getKey()), "a name of the launcher's own: " + file.getKey());
            require(file.getValue().length() <= 64 * 1024, "a file may have 64 KiB: " + file.getKey());
        }
    }

    private static void text(String value) {
        require(value.indexOf('\0') < 0, "a text with a zero byte");
    }
}
