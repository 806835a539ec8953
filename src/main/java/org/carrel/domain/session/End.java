package org.carrel.domain.session;

import java.util.List;

/// Why a session ended; kept for a while, so that its user learns why.
public sealed interface End {
    /// a sentence for people
    String sentence();

    record Stopped(String by) implements End {
        @Override
        public String sentence() {
            return "stopped by " + by;
        }
    }

    record Idle(String why) implements End {
        @Override
        public String sentence() {
            return "stopped because " + why;
        }
    }

    /// The program ended by itself.
    /// @param status exit code, or 128 + signal
    record Exited(int status, List<String> lastLines) implements End {
        public Exited {
            lastLines = List.copyOf(lastLines);
        }

        @Override
        public String sentence() {
            return status == 0 ? "the program ended by itself" : "the program ended with status " + status;
        }
    }

    /// It never became ready.
    record Failed(String cause, List<String> lastLines) implements End {
        public Failed {
            lastLines = List.copyOf(lastLines);
        }

        @Override
        public String sentence() {
            return cause;
        }
    }

    /// It was running when the agent last looked, and is not any more.
    record Lost(String how) implements End {
        @Override
        public String sentence() {
            return "lost: " + how;
        }
    }
}
