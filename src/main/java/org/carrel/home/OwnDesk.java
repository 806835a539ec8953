package org.carrel.home;

import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.carrel.domain.node.NodeName;
import org.carrel.domain.place.HomeBook;
import org.carrel.domain.session.SessionKey;
import org.carrel.domain.user.UserId;
import org.carrel.port.HomeDesk;
import org.carrel.port.HomeFiles;
import org.carrel.port.OtherNode;
import org.carrel.port.View;
import org.carrel.port.Views;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// This node's own part in users' homes.
public final class OwnDesk implements HomeDesk, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(OwnDesk.class);
    private static final int MOVES_AT_ONCE = 4;
    private static final int MOVES_KEPT = 1000;
    private static final Duration ABANDONED = Duration.ofMinutes(1);

    private final LocalHomes homes;
    private final HomeFiles files;
    private final Views views;
    private final Desks desks;
    private final InstantSource time;
    private final Map<String, Parcel> parcels = new ConcurrentHashMap<>();
    private final Map<UserId, Move> moves = new LinkedHashMap<>();
    private final ScheduledExecutorService watch = Executors.newSingleThreadScheduledExecutor(
            task -> Thread.ofPlatform().daemon().name("home-watch").unstarted(task));

    /// @param views of this node, with the others in them
    /// @param desks of the others
    public OwnDesk(LocalHomes homes, HomeFiles files, Views views, Desks desks, InstantSource time) {
        this.homes = homes;
        this.files = files;
        this.views = views;
        this.desks = desks;
        this.time = time;
        watch.scheduleWithFixedDelay(this::giveUpAbandoned, 5, 5, TimeUnit.SECONDS);
    }

    @Override
    public HomeBook book() {
        return homes.book();
    }

    // ---- the node that is to be the home

    @Override
    public Answer<Move> fetch(UserId user, boolean withFiles) {
        Optional<NodeName> from = homes.book().of(user);
        if (from.filter(homes.me()::equals).isPresent())
            return new Answer.Refused<>("the files of " + user + " are on " + homes.me() + " already");
        List<String> inUse = withFilesOf(user);
        if (!inUse.isEmpty())
            return new Answer.Refused<>(
                    "sessions of " + user + " work with the files: " + String.join(", ", inUse) + "; stop them first");
        Move begun;
        synchronized (moves) {
            if (moves.values().stream()
                            .filter(move -> move.state() == Move.State.COPYING)
                            .count()
                    >= MOVES_AT_ONCE)
                return new Answer.Refused<>(
                        "several homes are being moved to " + homes.me() + "; wait for one of them");
            Move present = moves.get(user);
            if (present != null && present.state() == Move.State.COPYING) return new Answer.Done<>(present);
            begun = new Move(user, from, homes.me(), Move.State.COPYING, 0, "", time.instant());
            remember(begun);
        }
        Thread.ofVirtual().name("home-fetch").start(() -> fetch(begun, withFiles));
        return new Answer.Done<>(begun);
    }

    private void fetch(Move move, boolean withFiles) {
        AtomicLong bytes = new AtomicLong();
        try {
            Optional<HomeDesk> old = move.from().isPresent()
                            && (withFiles || isReachable(move.from().get()))
                    ? Optional.of(desks.of(move.from().get()))
                    : Optional.empty();
            if (withFiles && old.isPresent()) copy(move, old.get(), bytes);
            HomeBook.Entry entry = homes.settleAnew(move.user());
            log.info(
                    "home moved user={} from={} to={} bytes={} files={}",
                    move.user(),
                    move.from().map(NodeName::value).orElse("none"),
                    move.to(),
                    bytes,
                    withFiles);
            if (withFiles && old.isPresent()) tell(old.get(), move.user(), entry);
            over(move, Move.State.DONE, bytes.get(), "");
        } catch (IOException | RuntimeException failed) {
            log.warn(
                    "home not moved user={} to={} bytes={} cause={}", move.user(), move.to(), bytes, failed.toString());
            over(move, Move.State.FAILED, bytes.get(), String.valueOf(failed.getMessage()));
        } catch (InterruptedException closing) {
            Thread.currentThread().interrupt();
            over(move, Move.State.FAILED, bytes.get(), "this node was closed");
        }
    }

    private void copy(Move move, HomeDesk old, AtomicLong bytes) throws IOException, InterruptedException {
        switch (old.open(move.user(), homes.me())) {
            case Answer.Refused<String>(var why) -> throw new IOException(why);
            case Answer.Done<String>(var parcel) -> {
                var progress = watch.scheduleWithFixedDelay(
                        () -> over(move, Move.State.COPYING, bytes.get(), ""), 500, 500, TimeUnit.MILLISECONDS);
                try (Incoming incoming = new Incoming(old, parcel, bytes)) {
                    files.unpack(move.user(), incoming);
                    incoming.confirm();
                } finally {
                    progress.cancel(false);
                }
            }
        }
    }

    /// It hears of it from the book, too; so nothing is lost when it doesn't answer now.
    private static void tell(HomeDesk old, UserId user, HomeBook.Entry entry) throws InterruptedException {
        try {
            old.arrived(user, entry);
        } catch (IOException silent) {
            log.warn("the old home was not told, its copy is not set aside user={} cause={}", user, silent.toString());
        }
    }

    private void over(Move move, Move.State state, long bytes, String why) {
        synchronized (moves) {
            Move now = moves.get(move.user());
            if (now != null && now.since().equals(move.since()) && now.state() == Move.State.COPYING)
                remember(new Move(move.user(), move.from(), move.to(), state, bytes, why, move.since()));
        }
    }

    private void remember(Move move) {
        moves.remove(move.user());
        moves.put(move.user(), move);
        if (moves.size() > MOVES_KEPT)
            moves.values().stream()
                    .filter(one -> one.state() != Move.State.COPYING)
                    .findFirst()
                    .ifPresent(oldest -> moves.remove(oldest.user()));
    }

    @Override
    public Optional<Move> latest(UserId user) {
        synchronized (moves) {
            return Optional.ofNullable(moves.get(user));
        }
    }

    // ---- the old home

    @Override
    public Answer<String> open(UserId user, NodeName to) throws InterruptedException {
        if (homes.book().of(user).filter(homes.me()::equals).isEmpty())
            return new Answer.Refused<>("the files of " + user + " are not on " + homes.me() + "; look at carrel home");
        if (!homes.close(user, to)) return new Answer.Refused<>("the files of " + user + " are being moved already");
        List<String> inUse = withFilesOf(user);
        if (!inUse.isEmpty()) {
            homes.reopen(user);
            return new Answer.Refused<>(
                    "sessions of " + user + " work with the files: " + String.join(", ", inUse) + "; stop them first");
        }
        String name = UUID.randomUUID().toString();
        parcels.put(name, new Parcel(user, to, files));
        log.info("home leaves user={} to={}", user, to);
        return new Answer.Done<>(name);
    }

    @Override
    public Piece piece(String parcel, long number) throws IOException, InterruptedException {
        Parcel known = parcels.get(parcel);
        if (known == null) throw new IOException("there is no such parcel here any more; begin again");
        return known.piece(number);
    }

    @Override
    public void arrived(UserId user, HomeBook.Entry home) throws IOException {
        homes.learn(HomeBook.EMPTY.with(user, home));
        end(user);
        if (!homes.book().of(user).filter(homes.me()::equals).isPresent()) files.setAside(user);
    }

    private void giveUpAbandoned() {
        parcels.forEach((name, parcel) -> {
            if (parcel.silence().compareTo(ABANDONED) < 0) return;
            log.warn("home stays, nobody took it any more user={} to={}", parcel.user(), parcel.to());
            end(parcel.user());
        });
    }

    private void end(UserId user) {
        parcels.entrySet().removeIf(entry -> {
            if (!entry.getValue().user().equals(user)) return false;
            entry.getValue().close();
            return true;
        });
        homes.reopen(user);
    }

    // ---- both

    private boolean isReachable(NodeName node) {
        OtherNode other = views.current().others().get(node);
        return other != null && other.state() != OtherNode.State.UNREACHABLE;
    }

    /// What of a user's lives and has to do with files, here for certain, elsewhere as far as is known.
    private List<String> withFilesOf(UserId user) {
        View view = views.current();
        Stream<String> here = view.sessions().values().stream()
                .filter(session -> session.state().isLive())
                .filter(session -> homes.concerns(session.key(), user))
                .map(session -> word(session.key(), session.node()));
        Stream<String> elsewhere = view.others().values().stream()
                .flatMap(other -> other.hint().stream()
                        .flatMap(hint -> hint.sessions().stream())
                        .filter(session -> homes.concerns(session.key(), user))
                        .map(session -> word(session.key(), other.name())));
        return Stream.concat(here, elsewhere).distinct().limit(5).toList();
    }

    private static String word(SessionKey key, NodeName node) {
        return key.app() + " \"" + key.name() + "\" on " + node;
    }

    @Override
    public void close() {
        watch.shutdownNow();
        parcels.values().forEach(Parcel::close);
    }
}
