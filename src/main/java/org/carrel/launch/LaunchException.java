package org.carrel.launch;

/// A launch that could not be. The message is a sentence for the user, with the next step.
public final class LaunchException extends Exception {
    public LaunchException(String sentence) {
        super(sentence);
    }

    public LaunchException(String sentence, Throwable cause) {
        super(sentence, cause);
    }
}
