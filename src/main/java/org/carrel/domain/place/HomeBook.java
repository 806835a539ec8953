package org.carrel.domain.place;

import static org.carrel.domain.Require.require;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.carrel.domain.node.NodeName;
import org.carrel.domain.user.UserId;

/// On which machine each user's files are, as one node knows it. Books of different nodes are put together entry by
/// entry, in any order and as often as one likes, and all come to say the same.
/// @param entries at most `MOST`
public record HomeBook(Map<UserId, Entry> entries) {
    public static final int MOST = 20_000;
    public static final HomeBook EMPTY = new HomeBook(Map.of());

    /// @param version rises with every move of this user's files, from 1
    public record Entry(NodeName node, long version) {
        public Entry {
            require(version > 0, "versions begin with 1");
        }

        /// Of two machines that a user was given in ignorance of each other, all must come to choose the same.
        boolean isAfter(Entry other) {
            return version != other.version
                    ? version > other.version
                    : node.value().compareTo(other.node.value()) < 0;
        }
    }

    public HomeBook {
        entries = Map.copyOf(entries);
    }

    public Optional<NodeName> of(UserId user) {
        return entry(user).map(Entry::node);
    }

    public Optional<Entry> entry(UserId user) {
        return Optional.ofNullable(entries.get(user));
    }

    /// What is to be written when the files of a user are from now on at a node.
    public Entry next(UserId user, NodeName node) {
        return new Entry(node, entry(user).map(Entry::version).orElse(0L) + 1);
    }

    /// The later entry of each user. What does not fit in is left out: such a user has no home yet.
    /// @return this same book when nothing is new
    public HomeBook with(HomeBook other) {
        Map<UserId, Entry> all = new HashMap<>(entries);
        other.entries.forEach((user, entry) -> {
            Entry known = all.get(user);
            if (known == null ? all.size() < MOST : entry.isAfter(known)) all.put(user, entry);
        });
        return all.equals(entries) ? this : new HomeBook(all);
    }

    public HomeBook with(UserId user, Entry entry) {
        return with(new HomeBook(Map.of(user, entry)));
    }

    /// The same for books that say the same, on every machine: 16 hex digits.
    public String digest() {
        long sum = 0;
        for (Map.Entry<UserId, Entry> one : entries.entrySet())
            sum += StableHash.of(List.of(
                    one.getKey().value(),
                    one.getValue().node().value(),
                    Long.toString(one.getValue().version())));
        return "%016x".formatted(sum);
    }
}
