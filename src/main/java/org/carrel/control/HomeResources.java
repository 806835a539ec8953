package org.carrel.control;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.carrel.api.ApiWords;
import org.carrel.api.HomeInfo;
import org.carrel.api.HomeMoveRequest;
import org.carrel.api.Items;
import org.carrel.control.Route.Access;
import org.carrel.control.Route.Shape;
import org.carrel.domain.node.NodeName;
import org.carrel.domain.place.HomeBook;
import org.carrel.domain.user.UserId;
import org.carrel.http.Answer;
import org.carrel.port.Audit;
import org.carrel.port.Audit.Entry;
import org.carrel.port.Audit.What;
import org.carrel.port.HomeDesk;
import org.carrel.port.HomeDesk.Move;
import org.carrel.port.Views;
import org.jspecify.annotations.Nullable;

/// Where users' files are, and their moves. Empty where all machines share them.
final class HomeResources {
    private static final String ONE = ApiWords.HOMES + "/{user}";
    private static final int MOVES_KNOWN = 1000;

    private final Optional<HomeDesk.Desks> desks;
    private final Views views;
    private final Audit audit;
    /// where those that were asked for here lead to
    private final Map<UserId, NodeName> asked = new LinkedHashMap<>();

    HomeResources(Optional<HomeDesk.Desks> desks, Views views, Audit audit) {
        this.desks = desks;
        this.views = views;
        this.audit = audit;
    }

    List<Route> routes() {
        Shape one = new Shape.Record(HomeInfo.class);
        return List.of(
                Route.get(ApiWords.HOMES, "listHomes", "On which node each user's files are")
                        .to(Access.ADMIN)
                        .answers(200, new Shape.ListOf(HomeInfo.class), "the homes, by user")
                        .by(this::list),
                Route.get(ONE, "getHome", "Where one user's files are: your own, or an administrator's question")
                        .answers(200, one, "the home")
                        .fails(404, "another user's, and you are no administrator")
                        .by(this::one),
                Route.post(ONE + "/move", "moveHome", "Copy a user's files to another node, and make it their home")
                        .to(Access.ADMIN)
                        .takes(HomeMoveRequest.class)
                        .answers(202, one, "it has begun; ask for the home to see how far it is")
                        .fails(404, "no such node")
                        .fails(409, "they can't be moved now")
                        .fails(503, "that machine doesn't answer")
                        .by(this::move));
    }

    private Answer list(Call call) throws IOException, InterruptedException {
        if (desks.isEmpty()) return Call.json(200, new Items<>(List.of()));
        return Call.json(
                200,
                new Items<>(own().book().entries().entrySet().stream()
                        .sorted(Map.Entry.comparingByKey())
                        .map(home -> HomeInfo.at(
                                home.getKey().value(), home.getValue().node().value()))
                        .toList()));
    }

    private Answer one(Call call) throws IOException, InterruptedException {
        UserId user = user(call);
        if (!call.asker().user().equals(user) && !call.asker().isAdmin())
            throw call.refuse(404, "no such home; " + ApiWords.ME + " says who you are");
        return Call.json(200, desks.isEmpty() ? HomeInfo.at(user.value(), null) : info(user));
    }

    private HomeInfo info(UserId user) throws IOException, InterruptedException {
        Optional<HomeBook.Entry> home = own().book().entry(user);
        Optional<Move> move = Optional.empty();
        Optional<NodeName> to = Optional.ofNullable(asked(user)).or(() -> home.map(HomeBook.Entry::node));
        try {
            if (to.isPresent()) move = desks.orElseThrow().of(to.get()).latest(user);
        } catch (IOException silent) {
            // how far it is can't be told now; where the home is, can
        }
        String node = home.map(entry -> entry.node().value()).orElse(null);
        return move.map(known -> info(known, node)).orElseGet(() -> HomeInfo.at(user.value(), node));
    }

    private static HomeInfo info(Move move, @Nullable String node) {
        return new HomeInfo(
                move.user().value(),
                node,
                move.from().map(NodeName::value).orElse(null),
                move.to().value(),
                move.state().name().toLowerCase(Locale.ROOT),
                move.bytes(),
                move.why().isEmpty() ? null : move.why(),
                move.since());
    }

    private Answer move(Call call) throws IOException, InterruptedException {
        if (desks.isEmpty()) throw call.refuse(409, "all machines share the homes: nothing has to be moved");
        UserId user = user(call);
        HomeMoveRequest wanted = call.body(HomeMoveRequest.class);
        NodeName to = node(call, wanted);
        boolean files = wanted.files() == null || wanted.files();
        HomeDesk.Answer<Move> answer;
        try {
            answer = desks.get().of(to).fetch(user, files);
        } catch (IOException silent) {
            throw call.refuse(503, to + " doesn't answer; try again when it is up (" + silent.getMessage() + ")");
        }
        audit.note(Entry.of(
                        What.HOME_MOVE,
                        call.asker().user(),
                        answer instanceof HomeDesk.Answer.Refused<Move>(var why) ? why : Entry.OK)
                .with("owner", user)
                .with("node", to)
                .with("files", files)
                .asked(call.head()));
        return switch (answer) {
            case HomeDesk.Answer.Refused<Move>(var why) -> throw call.refuse(409, why);
            case HomeDesk.Answer.Done<Move>(var move) -> {
                remember(user, to);
                yield Call.json(202, info(move, move.from().map(NodeName::value).orElse(null)));
            }
        };
    }

    private NodeName node(Call call, HomeMoveRequest wanted) {
        String to = wanted.to();
        if (to == null) throw call.refuse(400, "to: the name of a node is missing");
        return views.current().nodes().stream()
                .map(node -> node.name())
                .filter(name -> name.value().equals(to))
                .findFirst()
                .or(() -> views.current().others().keySet().stream()
                        .filter(name -> name.value().equals(to))
                        .findFirst())
                .orElseThrow(() -> call.refuse(404, "no such node; " + ApiWords.NODES + " lists them"));
    }

    private static UserId user(Call call) {
        try {
            return new UserId(call.name("user"));
        } catch (IllegalArgumentException unfit) {
            throw call.refuse(404, "that is no user's name");
        }
    }

    private HomeDesk own() throws IOException {
        return desks.orElseThrow().of(views.current().nodes().getFirst().name());
    }

    private void remember(UserId user, NodeName to) {
        synchronized (asked) {
            asked.remove(user);
            asked.put(user, to);
            if (asked.size() > MOVES_KNOWN)
                asked.remove(asked.keySet().iterator().next());
        }
    }

    private @Nullable NodeName asked(UserId user) {
        synchronized (asked) {
            return asked.get(user);
        }
    }
}
