package org.carrel.main;

import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.carrel.config.Settings;
import org.carrel.gateway.restart.Listening;
import org.carrel.gateway.restart.Message.Me;
import org.carrel.gateway.restart.Parcel;
import org.carrel.gateway.restart.Predecessor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// A start in the place of a running Carrel, or one in nobody's place.
final class TakeOver {
    private static final Logger log = LoggerFactory.getLogger(TakeOver.class);
    private static final TakeOver OF_NOBODY = new TakeOver(Optional.empty());

    private final Optional<Predecessor> predecessor;
    private final List<Parcel> parcels = new ArrayList<>();
    private int busy;

    private TakeOver(Optional<Predecessor> predecessor) {
        this.predecessor = predecessor;
    }

    /// The option of commands that start a Carrel, and their words for the one that comes after.
    static final class Wish {
        private static final Pattern SETTING = Pattern.compile("CARREL_(?!TOKEN|URL|SESSION).*|XDG_.*|NOTIFY_SOCKET");

        @Spec(Spec.Target.MIXEE)
        private @Nullable CommandSpec spec;

        @Option(
                names = "--take-over",
                description = "Take the place of the Carrel that runs with this state directory, as `upgrade` does.")
        private boolean takeOver;

        /// To be called before root is given up.
        TakeOver ask(Settings settings) throws IOException, StartException {
            if (!takeOver) return OF_NOBODY;
            Optional<Predecessor> there = Predecessor.ask(controlSocket(settings), Station.version());
            if (there.isEmpty()) {
                say("nobody runs with " + settings.stateDirectory() + "; starting");
                return OF_NOBODY;
            }
            boolean root = Privileges.isRoot();
            if (root != (there.get().uid() == 0))
                throw new StartException(
                        root
                                ? "the running Carrel was not started by root; use its user"
                                : "the running Carrel was started by root; so must this one be");
            say("asked " + there.get().pid() + " (version " + there.get().version() + ") for its place; preparing");
            return new TakeOver(there);
        }

        /// This program, as one that comes after it must know it.
        Me me() throws IOException {
            Map<String, String> settings = new TreeMap<>(System.getenv());
            settings.keySet().removeIf(name -> !SETTING.matcher(name).matches());
            return new Me(
                    ProcessHandle.current().pid(),
                    Privileges.isRoot() ? 0 : Privileges.uid(),
                    Station.version(),
                    words(
                            spec == null
                                    ? List.of()
                                    : spec.root().commandLine().getParseResult().originalArgs()),
                    Path.of("").toAbsolutePath().toString(),
                    settings);
        }

        /// Without passwords, which a process that takes over needs no more, and without the wish itself.
        static List<String> words(List<String> given) {
            List<String> words = new ArrayList<>();
            for (int i = 0; i < given.size(); i++) {
                String word = given.get(i);
                if (word.equals("--password")) i++;
                else if (!word.startsWith("--password=") && !word.equals("--take-over")) words.add(word);
            }
            return words;
        }
    }

    static Path controlSocket(Settings settings) {
        return Launchers.agentDirectory(settings).resolve("control.sock");
    }

    boolean isReal() {
        return predecessor.isPresent();
    }

    List<Listening> listeners() {
        return predecessor.map(Predecessor::listeners).orElse(List.of());
    }

    /// Everything is prepared: gets what the predecessor has. A predecessor that dies over it leaves its place free.
    void receive() throws IOException, StartException {
        if (predecessor.isEmpty()) return;
        say("prepared; taking over");
        try {
            busy = predecessor.get().receive(parcels);
        } catch (Predecessor.RefusedException refused) {
            drop();
            throw new StartException(predecessor.get().pid() + " goes on itself: " + refused.getMessage());
        } catch (EOFException died) {
            say(predecessor.get().pid() + " is gone in the middle of it; starting");
        } catch (IOException broken) {
            drop();
            throw broken;
        }
    }

    private void drop() {
        parcels.forEach(Parcel::drop);
        parcels.clear();
    }

    /// The place is ours: everything that came is taken up, and what comes later.
    void begin(Station station) throws IOException {
        if (predecessor.isEmpty()) return;
        Predecessor before = predecessor.get();
        before.took();
        station.gateway().accept();
        parcels.forEach(station.gateway()::adopt);
        log.info("took over predecessor={} connections={} busy={}", before.pid(), parcels.size(), busy);
        say(ProcessHandle.current().pid() + " took over from " + before.pid()
                + (busy == 0 ? "" : "; " + before.pid() + " finishes " + busy + " requests"));
        parcels.clear();
        before.inheritOutputs();
        StaysBehind staying = new StaysBehind(station.agent());
        Thread.ofPlatform()
                .daemon()
                .name("predecessor")
                .start(() -> before.follow(station.gateway()::adopt, staying::uses));
    }

    static void say(String line) {
        System.out.println("carrel: " + line);
    }
}
