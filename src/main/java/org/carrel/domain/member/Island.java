package org.carrel.domain.member;

import static org.carrel.domain.Require.require;

import java.util.Set;

/// A cluster as one of its members sees it. Two of one name and key that began apart are two islands, and
/// don't merge by themselves.
/// @param id        made when it was founded, 1 to 64 characters
/// @param reachable how many members are, the teller counted; at least 1
/// @param oldest    the member that has been in it longest
/// @param members   all of them, each as `Claim.self` gives it, reachable or not; at most 1000
public record Island(String id, int reachable, String oldest, Set<String> members) {
    public static final int MEMBERS_MOST = 1000;

    public Island {
        require(!id.isEmpty() && id.length() <= 64, "the id of an island has 1 to 64 characters");
        require(reachable >= 1, "an island has at least one member that is reachable: who tells of it");
        require(members.size() <= MEMBERS_MOST, "an island has at most " + MEMBERS_MOST + " members");
        members = Set.copyOf(members);
    }

    /// Which of two islands stays: the larger, else the one whose oldest member comes first in the
    /// alphabet. Both sides come to the same answer from the same two islands.
    boolean yieldsTo(Island other) {
        if (reachable != other.reachable) return reachable < other.reachable;
        return oldest.compareTo(other.oldest) > 0;
    }

    /// Whether those who tell of it took one of our members off their list, and we don't outnumber them: by the word of
    /// an administrator, while it could not be reached.
    /// @param self one of ours
    boolean goesOnWithout(String self, Island ours) {
        return id.equals(ours.id) && !members.contains(self) && reachable >= ours.reachable;
    }

    /// @param self one of ours
    boolean isSameAs(Island other, String self) {
        return id.equals(other.id) || other.members.contains(self);
    }
}
