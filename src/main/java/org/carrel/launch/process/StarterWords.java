package org.carrel.launch.process;

import java.util.List;
import org.carrel.domain.session.SessionId;
import org.carrel.domain.user.UserId;
import org.carrel.launch.Launcher.Signal;
import org.carrel.launch.Launcher.Usage;
import org.carrel.launch.process.Box.Owner;

/// What is said to the starter and by it; see `StarterWire` for how.
final class StarterWords {
    private StarterWords() {}

    /// Said before all else, by whoever began it.
    /// @param uids    the file that remembers who has which uid
    /// @param gateway who may connect to the socket
    record Setting(String boxes, String homes, String run, String uids, String socket, Owner gateway) {}

    /// One of `Hands`' doings.
    sealed interface Ask {
        /// told `Began` or `Refused`
        record Start(Job job) implements Ask {}

        /// told `Done`
        record Send(Signal signal, Identity to) implements Ask {}

        /// told `Done`
        record Settle(Identity identity) implements Ask {}

        /// told `Used`
        record Measure(Identity identity) implements Ask {}

        /// told `Found`
        record Scan() implements Ask {}

        /// told `Done`
        record Clean(Identity identity) implements Ask {}

        /// told `Done`
        record Forget(SessionId id) implements Ask {}

        /// told frames, then `Done`
        record Pack(UserId user) implements Ask {}

        /// told `Done`, then frames are awaited, then told `Done`
        record Unpack(UserId user) implements Ask {}

        /// told `Done`
        record SetAside(UserId user) implements Ask {}

        /// told `FoundR`
        record RSessions() implements Ask {}

        /// told `UsedR`
        record MeasureR(RSession session) implements Ask {}

        /// told `Done`
        record SendR(Signal signal, RSession to) implements Ask {}
    }

    sealed interface Told {
        record Done() implements Told {}

        record Began(Identity identity) implements Told {}

        record Used(Usage usage) implements Told {}

        record Found(List<Identity> all) implements Told {
            public Found {
                all = List.copyOf(all);
            }
        }

        record FoundR(List<RSession> all) implements Told {
            public FoundR {
                all = List.copyOf(all);
            }
        }

        record UsedR(RSession.Use use) implements Told {}

        /// @param sentence for the user: it could not be started
        record Refused(String sentence) implements Told {}

        /// An answer to whatever was asked.
        /// @param sentence for the administrator
        record Failed(String sentence) implements Told {}
    }
}
