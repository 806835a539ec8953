package org.carrel.cluster;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.carrel.support.Await;
import org.carrel.trust.ClusterKey;
import org.carrel.trust.ClusterName;

/// Members of a test, with their directories; all end with it.
public final class Members implements AutoCloseable {
    /// seconds; the machine may be busy with other tests
    static final int PATIENCE = 90;

    interface Place {
        /// words before the program
        List<String> within(int number);

        String address(int number);
    }

    /// Addresses of loopback where nobody else is: 127.x.y.1, 127.x.y.2, …
    static final Place LOOPBACK = new Place() {
        private final String net = freeNet();

        @Override
        public List<String> within(int number) {
            return List.of();
        }

        @Override
        public String address(int number) {
            return net + number;
        }
    };

    /// of this JVM alone, since ports are the usual ones
    public static String freeNet() {
        long pid = ProcessHandle.current().pid();
        return "127." + (64 + pid / 250 % 128) + "." + pid % 250 + ".";
    }

    private final Place place;
    private final boolean mdns;
    private final Path directory;
    private final List<MemberProcess> started = new ArrayList<>();

    Members(Place place, boolean mdns) throws IOException {
        this.place = place;
        this.mdns = mdns;
        directory = Files.createTempDirectory("cm");
        ClusterKey.make(directory.resolve("key"), new ClusterName("test"), Instant.now());
    }

    /// @param peers numbers of the nodes whose doors it is told
    MemberProcess start(int number, int... peers) throws IOException {
        List<String> doors = new ArrayList<>();
        for (int peer : peers) doors.add(place.address(peer));
        MemberProcess member = MemberProcess.start(
                place.within(number), number, place.address(number), mdns, directory(number), doors);
        started.add(member);
        return member;
    }

    Path directory(int number) {
        return directory.resolve("n" + number);
    }

    /// Waits until each sees all the others up, and all say the same island, at the same moment.
    static String together(List<MemberProcess> members, int seconds) throws Exception {
        try {
            Await.until("one cluster", Duration.ofSeconds(seconds), () -> areTogether(members));
        } catch (AssertionError apart) {
            String seen = members.stream()
                    .map(member -> member.name + ": " + member.last())
                    .collect(Collectors.joining("; "));
            throw new AssertionError(apart.getMessage() + ": " + seen, apart);
        }
        return members.getFirst().last().island();
    }

    private static boolean areTogether(List<MemberProcess> members) {
        String island = members.getFirst().last().island();
        return members.stream()
                .map(MemberProcess::last)
                .allMatch(line ->
                        line.isMember() && line.island().equals(island) && line.count("up") == members.size() - 1);
    }

    String logs() throws IOException {
        StringBuilder all = new StringBuilder();
        try (Stream<Path> directories = Files.list(directory)) {
            for (Path one : directories.sorted().toList())
                if (Files.exists(one.resolve("log")))
                    all.append("== ")
                            .append(one.getFileName())
                            .append('\n')
                            .append(Files.readString(one.resolve("log")));
        }
        return all.toString();
    }

    @Override
    public void close() throws IOException {
        started.forEach(MemberProcess::close);
        if (Boolean.getBoolean("carrel.keep")) {
            System.out.println("kept: " + directory);
            return;
        }
        try (Stream<Path> all = Files.walk(directory)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) Files.deleteIfExists(path);
        }
    }
}
