package org.carrel.control;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.carrel.api.ApiWords;
import org.carrel.api.InvitationAnswer;
import org.carrel.api.InvitationRequest;
import org.carrel.control.Route.Access;
import org.carrel.control.Route.Shape;
import org.carrel.http.Answer;
import org.carrel.http.Request.Proof;
import org.carrel.port.Audit;
import org.carrel.port.Audit.Entry;
import org.carrel.port.Audit.What;
import org.carrel.port.Invites;
import org.carrel.port.Invites.Invited;

/// Tokens by which machines join the cluster. A machine that joined can act for every user, which is more than an
/// administrator of the portal can: so only who could read the cluster's key anyway may invite, through the node's own
/// socket.
final class InvitationResources {
    private static final long LEAST_SECONDS = 60;
    private static final long MOST_SECONDS = 86_400;
    private static final long USUAL_SECONDS = 900;

    private final Invites invites;
    private final Audit audit;

    InvitationResources(Invites invites, Audit audit) {
        this.invites = invites;
        this.audit = audit;
    }

    List<Route> routes() {
        return List.of(Route.post(
                        ApiWords.INVITATIONS,
                        "invite",
                        "A token by which one machine joins the cluster; on the node only")
                .to(Access.ADMIN)
                .takes(InvitationRequest.class)
                .answers(201, new Shape.Record(InvitationAnswer.class), "the token, shown this once")
                .fails(409, "this node can't make nodes")
                .fails(429, "too many tokens are alive")
                .by(this::invite));
    }

    private Answer invite(Call call) throws IOException {
        if (call.request().proof() != Proof.LOCAL)
            throw call.refuse(403, "only root, or the user Carrel runs as, on the machine itself: carrel invite there");
        InvitationRequest wanted = call.body(InvitationRequest.class);
        long seconds = Optional.ofNullable(wanted.expiresIn()).orElse(USUAL_SECONDS);
        if (seconds < LEAST_SECONDS || seconds > MOST_SECONDS)
            throw call.refuse(400, "expiresIn: must be from " + LEAST_SECONDS + " to " + MOST_SECONDS + " seconds");
        List<String> roles = Optional.ofNullable(wanted.roles()).orElse(ApiWords.ROLES).stream()
                .distinct()
                .sorted()
                .toList();
        if (roles.isEmpty() || !ApiWords.ROLES.containsAll(roles))
            throw call.refuse(400, "roles: one or both of " + String.join(", ", ApiWords.ROLES));
        return switch (invites.invite(Duration.ofSeconds(seconds), Set.copyOf(roles))) {
            case Invited.Token token -> {
                audit.note(Entry.of(What.NODE_INVITED, call.asker().user(), Entry.OK)
                        .with("token", token.id())
                        .with("expires", token.expires())
                        .with("roles", String.join(",", roles))
                        .asked(call.head()));
                yield Call.json(201, new InvitationAnswer(token.text(), token.expires(), roles))
                        .with("Cache-Control", "no-store");
            }
            case Invited.Crowded() -> throw call.refuse(429, "too many tokens are alive; they end by themselves");
            case Invited.Impossible(var why) -> throw call.refuse(409, why);
        };
    }
}
