package org.carrel.main;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;

/// Carrel didn't start; the message is the sentence its user reads, with the next step.
final class StartException extends Exception {
    StartException(String sentence) {
        super("carrel: not started: " + sentence);
    }

    private StartException(String sentence, Exception cause) {
        super("carrel: not started: " + sentence, cause);
    }

    /// The messages of the JDK's exceptions about files are bare paths; here they become sentences.
    static StartException of(Exception cause) {
        return new StartException(sentence(cause), cause);
    }

    private static String sentence(Exception cause) {
        return switch (cause) {
            case AccessDeniedException denied ->
                denied.getFile() + " may not be read or written by " + System.getProperty("user.name");
            case NoSuchFileException missing -> "there is no " + missing.getFile();
            case FileSystemException file when file.getReason() != null -> file.getFile() + ": " + file.getReason();
            case IOException broken when broken.getMessage() != null -> broken.getMessage();
            case IOException broken -> broken.toString();
            default -> cause + "; CARREL_LOG_LEVEL=debug shows where";
        };
    }
}
