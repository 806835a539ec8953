package org.carrel.domain.place;

import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.carrel.domain.node.NodeName;

/// Where a placement stands, to be shown to the user who waits.
public sealed interface Stage {
    /// one that programs may depend on
    String word();

    /// with the next step, for people
    String sentence();

    /// in line; 1 is next
    default Optional<Integer> place() {
        return this instanceof InLine(var position) ? Optional.of(position) : Optional.empty();
    }

    /// Asking around; a matter of milliseconds.
    record Looking() implements Stage {
        @Override
        public String word() {
            return "looking";
        }

        @Override
        public String sentence() {
            return "the machines have not all answered yet; ask again in a moment";
        }
    }

    /// All machines that would do are full.
    /// @param position 1: next
    record InLine(int position) implements Stage {
        @Override
        public String word() {
            return "in-line";
        }

        @Override
        public String sentence() {
            return "all machines that could take it are full, and you are number " + position
                    + " in line; it begins as soon as there is room";
        }
    }

    /// One of these may hold the session already and does not answer. Nothing is begun until it does, or until the user
    /// says "elsewhere".
    record HolderSilent(List<NodeName> nodes) implements Stage {
        @Override
        public String word() {
            return "holder-silent";
        }

        @Override
        public String sentence() {
            return nodes.stream().map(NodeName::value).collect(Collectors.joining(" or "))
                    + " may have this session and " + (nodes.size() == 1 ? "doesn't" : "don't")
                    + " answer; wait for it, or start elsewhere and leave what is there";
        }
    }

    /// The machine with the user's files can't take it now.
    /// @param why a part of a sentence that begins with the node's name
    record HomeAway(NodeName node, String why) implements Stage {
        @Override
        public String word() {
            return "home-away";
        }

        @Override
        public String sentence() {
            return "your files are on " + node + ", which " + why + "; it begins there as soon as it can";
        }
    }

    record Over(Outcome outcome) implements Stage {
        @Override
        public String word() {
            return "over";
        }

        @Override
        public String sentence() {
            return "nothing is waited for any more";
        }
    }
}
