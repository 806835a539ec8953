package org.carrel.cli;

/// Ends a command with a sentence and an exit code.
final class Failure extends Exception {
    private final Exit exit;

    Failure(Exit exit, String sentence) {
        super(sentence);
        this.exit = exit;
    }

    Exit exit() {
        return exit;
    }
}
