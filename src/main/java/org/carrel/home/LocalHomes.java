package org.carrel.home;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Predicate;
import org.carrel.domain.app.AppId;
import org.carrel.domain.node.NodeName;
import org.carrel.domain.place.Home;
import org.carrel.domain.place.HomeBook;
import org.carrel.domain.session.SessionKey;
import org.carrel.domain.user.UserId;
import org.carrel.port.Homes;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Every machine has its own disk: a user's sessions with files go where their files are.
///
/// Each node keeps the whole book, so that a home is known even while its machine is silent and after any restart. A
/// user's first session with files makes their home where it begins. `HomeNews` brings the books together.
public final class LocalHomes implements Homes {
    private static final Logger log = LoggerFactory.getLogger(LocalHomes.class);

    private final NodeName me;
    private final BookFile file;
    private final Predicate<AppId> keepsFiles;
    private final Map<UserId, NodeName> leaving = new ConcurrentHashMap<>();
    /// Held for reading while something begins, for writing while a home is closed.
    private final ReentrantReadWriteLock beginning = new ReentrantReadWriteLock();
    private volatile HomeBook book;

    /// @param directory   this room's own, made when missing
    /// @param copied      the directory came with a copied card: what is in it is said of another machine
    /// @param keepsFiles  whether an app's users keep files with it
    public static LocalHomes open(Path directory, NodeName me, boolean copied, Predicate<AppId> keepsFiles)
            throws IOException {
        Files.createDirectories(directory);
        BookFile file = new BookFile(directory.resolve("book"));
        BookFile.Content content = file.read();
        HomeBook book = content.book();
        Optional<NodeName> before = content.node().filter(name -> !name.equals(me) && !copied);
        if (before.isPresent()) {
            book = renamed(book, before.get(), me);
            log.info("homes go with this node's new name from={} to={}", before.get(), me);
        }
        file.write(me, book);
        return new LocalHomes(me, file, keepsFiles, book);
    }

    private LocalHomes(NodeName me, BookFile file, Predicate<AppId> keepsFiles, HomeBook book) {
        this.me = me;
        this.file = file;
        this.keepsFiles = keepsFiles;
        this.book = book;
    }

    private static HomeBook renamed(HomeBook book, NodeName from, NodeName to) {
        Map<UserId, HomeBook.Entry> moved = new HashMap<>();
        book.entries().forEach((user, entry) -> {
            if (entry.node().equals(from)) moved.put(user, book.next(user, to));
        });
        return book.with(new HomeBook(moved));
    }

    @Override
    public Home of(SessionKey key) {
        return keepsFiles.test(key.app()) ? new Home.Local(book.of(key.owner())) : Home.SHARED;
    }

    @Override
    public Optional<String> obstacle(SessionKey key) {
        if (!keepsFiles.test(key.app())) return Optional.empty();
        UserId user = key.owner();
        NodeName to = leaving.get(user);
        if (to != null)
            return Optional.of(
                    "the files of " + user + " are on their way to " + to + "; start it again when they are there");
        return book.of(user)
                .filter(home -> !home.equals(me))
                .map(home -> "the files of " + user + " are on " + home + "; start it again, it will begin there");
    }

    @Override
    public <T> T beginning(SessionKey key, Beginning<T> what) throws InterruptedException {
        beginning.readLock().lockInterruptibly();
        try {
            return what.begin();
        } finally {
            beginning.readLock().unlock();
        }
    }

    @Override
    public void began(SessionKey key) {
        if (keepsFiles.test(key.app()) && book.of(key.owner()).isEmpty()) settle(key.owner());
    }

    private synchronized void settle(UserId user) {
        HomeBook.Entry entry = book.next(user, me);
        if (book.of(user).isPresent()) return;
        if (book.entries().size() >= HomeBook.MOST)
            log.error(
                    "no room for another home, this user's files are nowhere in particular user={} most={}",
                    user,
                    HomeBook.MOST);
        else if (put(book.with(user, entry))) log.info("home made user={} node={}", user, me);
    }

    /// What another node knows.
    public synchronized void learn(HomeBook other) {
        HomeBook before = book;
        if (!put(before.with(other))) return;
        before.entries().forEach((user, entry) -> {
            NodeName now = book.of(user).orElseThrow();
            if (entry.node().equals(me) && !now.equals(me))
                log.warn("home is elsewhere now user={} node={}; files that are here stay here", user, now);
        });
    }

    /// From now on a user's home is here, wherever it was.
    synchronized HomeBook.Entry settleAnew(UserId user) throws IOException {
        HomeBook.Entry entry = book.next(user, me);
        HomeBook next = book.with(user, entry);
        file.write(me, next);
        book = next;
        return entry;
    }

    /// Nothing with files begins here any more for a user, and nothing is half begun when this returns.
    /// @return false when it is closed already
    boolean close(UserId user, NodeName to) throws InterruptedException {
        if (leaving.putIfAbsent(user, to) != null) return false;
        beginning.writeLock().lockInterruptibly();
        beginning.writeLock().unlock();
        return true;
    }

    void reopen(UserId user) {
        leaving.remove(user);
    }

    /// Whether a session of this key works with this user's files.
    boolean concerns(SessionKey key, UserId user) {
        return key.owner().equals(user) && keepsFiles.test(key.app());
    }

    HomeBook book() {
        return book;
    }

    NodeName me() {
        return me;
    }

    /// For what this node says of itself.
    public String digest() {
        return book.digest();
    }

    /// @return whether it is news
    private boolean put(HomeBook next) {
        if (next == book) return false;
        book = next;
        try {
            file.write(me, next);
        } catch (IOException full) {
            log.error("homes can't be written, a restart would forget the last of them cause={}", full.toString());
        }
        return true;
    }
}
