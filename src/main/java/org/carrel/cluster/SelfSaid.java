package org.carrel.cluster;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.carrel.api.Json;
import org.carrel.domain.app.AppId;
import org.carrel.domain.member.Candidate;
import org.carrel.domain.node.Capacity;
import org.carrel.domain.node.Metadata;
import org.carrel.domain.node.NodeId;
import org.carrel.domain.node.NodeName;
import org.carrel.domain.node.Resources;
import org.carrel.domain.session.Session;
import org.carrel.domain.session.SessionId;
import org.carrel.domain.session.SessionKey;
import org.carrel.domain.user.UserId;
import org.carrel.port.NodeFacts;
import org.carrel.port.OtherNode.Hint;
import org.carrel.port.OtherNode.SessionHint;
import org.carrel.port.View;

/// What a node says of itself, as it travels: three entries of JSON, so that what changes every second is short. One of
/// these for each node, on one thread: an entry that is the same as before is not written or read again.
///
///     about      name, version, capacity, door, labels, metadata, apps      at most 96 kB
///     load       what is committed and measured; phi of those it watches     at most 16 kB
///     sessions   id, key and state of live ones, the oldest first            at most 96 kB; the rest is counted
///
/// Together they stay below the engine's frame of 256 KiB. A field that is unknown is passed over; one
/// that is missing, or nonsense, makes the whole count for nothing.
final class SelfSaid {
    static final String ABOUT = "about";
    static final String LOAD = "load";
    static final String SESSIONS = "sessions";
    static final int LONG_MOST = 96 << 10;
    static final int LOAD_MOST = 16 << 10;
    /// So many beats go by without a word about the load where nothing worth a word has changed.
    static final int SILENT_BEATS = 4;
    /// of one session in JSON: ids and names are short
    private static final int SESSION_MOST = 400;

    private final Last<About, String> aboutSaid = new Last<>();
    private final Last<Live, String> liveSaid = new Last<>();
    private Optional<Load> loadSaid = Optional.empty();
    private final Last<String, About> aboutRead = new Last<>();
    private final Last<String, Live> liveRead = new Last<>();

    /// What its agent doesn't know of a node.
    record More(Candidate door, Map<String, String> labels, Set<AppId> apps, Set<String> roles, String homes) {}

    record About(
            String name,
            String version,
            Instant since,
            int cpuMillis,
            long memoryBytes,
            int maxSessions,
            int starts,
            String isolation,
            String door,
            Map<String, String> labels,
            Map<String, String> metadata,
            List<String> apps,
            List<String> roles) {}

    /// @param beat of when it was measured: rises, so that silence shows
    record Load(
            long beat,
            int cpuMillis,
            long memoryBytes,
            int sessions,
            int starting,
            int queued,
            boolean draining,
            double cpuPercent,
            long memoryUsedBytes,
            long memoryTotalBytes,
            double load1,
            Map<String, Double> watches,
            String homes) {

        /// Whether somebody who knows the other needs no word of this one: what is counted is the same, and what is
        /// measured nearly so. A machine at rest is measured a little differently each time.
        boolean isLike(Load other) {
            return cpuMillis == other.cpuMillis
                    && memoryBytes == other.memoryBytes
                    && sessions == other.sessions
                    && starting == other.starting
                    && queued == other.queued
                    && draining == other.draining
                    && Math.abs(cpuPercent - other.cpuPercent) < 5
                    && Math.abs(memoryUsedBytes - other.memoryUsedBytes) < memoryTotalBytes / 100
                    && memoryTotalBytes == other.memoryTotalBytes
                    && Math.abs(load1 - other.load1) < 0.25
                    && isLike(watches, other.watches)
                    && homes.equals(other.homes);
        }

        private static boolean isLike(Map<String, Double> phis, Map<String, Double> others) {
            for (Map.Entry<String, Double> phi : phis.entrySet()) {
                Double other = others.get(phi.getKey());
                if (other == null || Math.abs(phi.getValue() - other) >= 0.5) return false;
            }
            return phis.size() == others.size();
        }
    }

    record Live(List<One> live, int leftOut) {}

    record One(String id, String owner, String app, String name, String state, Instant since) {}

    /// @param beat greater by one each time
    /// @return empty when there is nothing to say yet
    Map<String, String> entries(View own, More more, Map<NodeId, Double> watches, long beat) {
        Map<String, String> entries = new HashMap<>();
        if (own.nodes().isEmpty()) return entries;
        NodeFacts facts = own.nodes().getFirst();
        put(entries, ABOUT, aboutSaid.of(about(facts, more), Json::text), LONG_MOST);
        put(entries, LOAD, Json.text(worthSaying(load(facts, more, watches, beat))), LOAD_MOST);
        put(entries, SESSIONS, liveSaid.of(live(own), Json::text), LONG_MOST);
        return entries;
    }

    private Load worthSaying(Load now) {
        Load load = loadSaid.filter(said -> now.isLike(said) && now.beat() - said.beat() <= SILENT_BEATS)
                .orElse(now);
        loadSaid = Optional.of(load);
        return load;
    }

    private static void put(Map<String, String> entries, String name, String text, int most) {
        if (text.length() <= most) entries.put(name, text);
    }

    private static About about(NodeFacts facts, More more) {
        return new About(
                facts.name().value(),
                facts.version(),
                facts.since(),
                facts.capacity().total().cpuMillis(),
                facts.capacity().total().memoryBytes(),
                facts.capacity().sessions(),
                facts.capacity().starts(),
                facts.isolation(),
                more.door().toString(),
                more.labels(),
                facts.metadata().entries(),
                more.apps().stream().map(AppId::value).sorted().toList(),
                more.roles().stream().sorted().toList());
    }

    private static Load load(NodeFacts facts, More more, Map<NodeId, Double> watches, long beat) {
        Map<String, Double> phis = new HashMap<>();
        watches.forEach((node, phi) -> phis.put(node.value(), phi));
        return new Load(
                beat,
                facts.committed().cpuMillis(),
                facts.committed().memoryBytes(),
                facts.sessions(),
                facts.starting(),
                facts.queued(),
                facts.draining(),
                facts.cpuPercent(),
                facts.memoryUsedBytes(),
                facts.memoryTotalBytes(),
                facts.load1(),
                phis,
                more.homes());
    }

    private static Live live(View own) {
        List<One> all = new ArrayList<>();
        own.sessions().values().stream()
                .filter(session -> session.state().isLive())
                .sorted(Comparator.comparing(Session::since).thenComparing(Session::id))
                .forEach(session -> all.add(new One(
                        session.id().value(),
                        session.owner().value(),
                        session.app().value(),
                        session.key().name(),
                        session.state().word(),
                        session.since())));
        int room = LONG_MOST / SESSION_MOST;
        return new Live(all.subList(0, Math.min(room, all.size())), Math.max(0, all.size() - room));
    }

    /// @param name  by which it is known
    /// @param heard when it last changed
    /// @return empty when anything is missing or makes no sense
    Optional<Hint> read(Map<String, String> entries, NodeName name, Instant heard) {
        try {
            About about = aboutRead.of(text(entries, ABOUT), text -> read(text, About.class));
            Load load = read(text(entries, LOAD), Load.class);
            Live live = liveRead.of(text(entries, SESSIONS), text -> read(text, Live.class));
            return Optional.of(hint(about, load, live, name, heard));
        } catch (IOException | RuntimeException nonsense) {
            return Optional.empty();
        }
    }

    private static String text(Map<String, String> entries, String name) {
        return entries.getOrDefault(name, "");
    }

    private static <T> T read(String text, Class<T> type) throws IOException {
        return Json.readAnswer(text.getBytes(StandardCharsets.UTF_8), type);
    }

    private static Hint hint(About about, Load load, Live live, NodeName name, Instant heard) {
        NodeFacts facts = new NodeFacts(
                name,
                about.version(),
                about.since(),
                new Capacity(
                        new Resources(about.cpuMillis(), about.memoryBytes()), about.maxSessions(), about.starts()),
                new Resources(load.cpuMillis(), load.memoryBytes()),
                load.sessions(),
                load.starting(),
                load.queued(),
                load.draining(),
                load.cpuPercent(),
                load.memoryUsedBytes(),
                load.memoryTotalBytes(),
                load.load1(),
                about.isolation(),
                new Metadata(about.metadata()));
        Set<AppId> apps = new HashSet<>();
        for (String app : about.apps()) apps.add(new AppId(app));
        List<SessionHint> sessions = new ArrayList<>();
        for (One one : live.live())
            sessions.add(new SessionHint(
                    new SessionId(one.id()),
                    new SessionKey(new UserId(one.owner()), new AppId(one.app()), one.name()),
                    one.state(),
                    one.since()));
        Map<NodeId, Double> watches = new HashMap<>();
        load.watches().forEach((node, phi) -> watches.put(new NodeId(node), phi));
        return new Hint(
                facts,
                Candidate.of(about.door()),
                about.labels(),
                apps,
                sessions,
                live.leftOut(),
                watches,
                Set.copyOf(about.roles()),
                load.homes(),
                heard);
    }
}
