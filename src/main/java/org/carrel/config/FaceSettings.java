package org.carrel.config;

import static org.carrel.domain.Require.require;

import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.carrel.config.Settings.Listen;
import org.carrel.domain.route.Network;

/// The older systems whose words are spoken too. Each is off until it has a section.
public record FaceSettings(Optional<Maat> maat) {
    public static final FaceSettings NONE = new FaceSettings(Optional.empty());

    /// An agent of Maât's balancers.
    /// @param listen           a port of its own
    /// @param process          1 to 64 visible ASCII characters but `/`; the name that is counted
    /// @param processesPerUser 1 to 1000, requests counted with them
    /// @param requestLife      how long a user is expected to appear, 1 s to 10 min
    /// @param from             who may ask besides loopback
    public record Maat(Listen listen, String process, int processesPerUser, Duration requestLife, List<Network> from) {
        public Maat {
            require(NAME.matcher(process).matches(), "not the name of a process: " + process);
            from = List.copyOf(from);
        }

        public boolean mayAsk(InetAddress address) {
            return from.stream().anyMatch(network -> network.contains(address.getAddress()));
        }
    }

    private static final Pattern NAME = Pattern.compile("[!-.0-~]{1,64}");
    private static final Listen MAAT = new Listen("127.0.0.1", 8785);

    static FaceSettings read(Form faces) {
        FaceSettings read = new FaceSettings(faces.section("maat").map(FaceSettings::maat));
        faces.done();
        return read;
    }

    private static Maat maat(Form form) {
        Maat maat = new Maat(
                form.value("listen", Listen::of).orElse(MAAT),
                form.value("process", FaceSettings::process).orElse("rsession"),
                form.number("processes-per-user", 1, 1_000, 1),
                form.duration("request-life", Duration.ofSeconds(1), Duration.ofMinutes(10), Duration.ofSeconds(30)),
                form.list("from", Settings::network).orElse(List.of()));
        if (!maat.listen().isLoopback() && maat.from().isEmpty())
            form.error(
                    "listen",
                    "is reachable from other machines, where nobody signs in: name those that may ask in from, such as"
                            + " from: [192.168.1.0/24]");
        form.done();
        return maat;
    }

    private static String process(String text) {
        if (NAME.matcher(text).matches()) return text;
        throw new IllegalArgumentException(
                "must be the name of a process such as rsession, without its path, not \"" + Tree.shown(text) + "\"");
    }
}
