package org.carrel.cli;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.carrel.api.ApiWords;
import org.carrel.api.InvitationAnswer;
import org.carrel.api.InvitationRequest;
import org.carrel.api.Json;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `carrel invite`
@Command(
        name = "invite",
        description = {
            "Makes a token by which one machine joins the cluster, without the cluster's key.",
            "To be run as root on a node that has the key. Used once, and for a short time."
        },
        footer = {"", "Example:", "  sudo carrel invite", "then, on the other machine:", "  sudo carrel join"})
final class InviteCommand implements Callable<Integer> {
    private final Surroundings surroundings;

    @Mixin
    Server server = new Server();

    @Option(
            names = "--expires",
            paramLabel = "TIME",
            description = "How long it holds: 90s, 15m, 12h; from 60s to 24h, else 15m.")
    Optional<String> expires = Optional.empty();

    @Option(
            names = "--roles",
            split = ",",
            paramLabel = "ROLES",
            description = "What it may be at most: agent (runs sessions), gateway (serves users), or agent,gateway;"
                    + " default both. As agent alone it can't act for users.")
    List<String> roles = List.of();

    InviteCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public Integer call() throws IOException, Failure {
        InvitationAnswer made = server.client(surroundings)
                .post(
                        ApiWords.INVITATIONS,
                        new InvitationRequest(
                                expires.map(TokenCommand::seconds).orElse(null), roles.isEmpty() ? null : roles),
                        InvitationAnswer.class);
        if (server.json) surroundings.out().println(Json.pretty(made));
        else {
            surroundings.out().println(made.token());
            surroundings
                    .err()
                    .println(
                            "One machine may join with it as " + String.join(",", made.roles()) + " until "
                                    + made.expires()
                                    + ". There, as root: carrel join, and paste it when asked. Whoever has it can become a node.");
        }
        return Exit.OK.code();
    }
}
