package org.carrel.control;

import java.io.IOException;
import java.util.List;
import org.carrel.api.ApiWords;
import org.carrel.api.Items;
import org.carrel.api.ShutOutInfo;
import org.carrel.control.Route.Access;
import org.carrel.control.Route.Shape;
import org.carrel.http.Answer;
import org.carrel.port.Audit;
import org.carrel.port.Audit.Entry;
import org.carrel.port.Audit.What;
import org.carrel.port.ShutOuts;
import org.carrel.port.ShutOuts.One;

/// Machines that are shut out: which they are, and letting one in again. Shutting out is a way to forget one
/// (`NodeResources`).
final class ShutOutResources {
    private final ShutOuts shutOuts;
    private final Audit audit;

    ShutOutResources(ShutOuts shutOuts, Audit audit) {
        this.shutOuts = shutOuts;
        this.audit = audit;
    }

    List<Route> routes() {
        return List.of(
                Route.get(ApiWords.SHUT_OUT, "listShutOut", "Machines that no node lets in any more")
                        .to(Access.ADMIN)
                        .answers(200, new Shape.ListOf(ShutOutInfo.class), "the latest first")
                        .by(_ -> Call.json(
                                200,
                                new Items<>(shutOuts.present().stream()
                                        .map(ShutOutResources::info)
                                        .toList()))),
                Route.delete(ApiWords.SHUT_OUT + "/{node}", "letIn", "Let a machine in again, by its id or name")
                        .to(Access.ADMIN)
                        .answers(200, new Shape.Record(ShutOutInfo.class), "it was shut out until now")
                        .fails(404, "it isn't shut out")
                        .fails(409, "this node can't decide that, or it isn't clear which one is meant")
                        .by(this::letIn));
    }

    private Answer letIn(Call call) throws IOException {
        return switch (shutOuts.letIn(call.name("node"))) {
            case ShutOuts.Answer.Done(var one) -> {
                audit.note(Entry.of(What.NODE_LET_IN, call.asker().user(), Entry.OK)
                        .with("node", one.name())
                        .with("id", one.node())
                        .asked(call.head()));
                yield Call.json(200, info(one));
            }
            case ShutOuts.Answer.Unknown() ->
                throw call.refuse(404, "no such machine is shut out; " + ApiWords.SHUT_OUT + " lists them");
            case ShutOuts.Answer.Impossible(var why) -> throw call.refuse(409, why);
        };
    }

    static ShutOutInfo info(One one) {
        return new ShutOutInfo(one.node().value(), one.name(), one.since());
    }
}
