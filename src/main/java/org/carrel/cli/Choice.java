package org.carrel.cli;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.carrel.api.ApiClient;
import org.carrel.api.ApiException;
import org.carrel.api.ApiWords;
import org.carrel.api.SessionInfo;

/// Finds the session that a user means by an id or by the name of an app.
final class Choice {
    private static final Pattern ID = Pattern.compile("[a-z2-7]{16}");

    private Choice() {}

    /// @param word  id of a session, or name of an app
    /// @param name  of the session, when there may be several of one app
    /// @param ended whether one that has ended will do, when no live one is there
    static SessionInfo find(ApiClient client, String word, Optional<String> name, boolean ended)
            throws IOException, Failure {
        if (ID.matcher(word).matches()) {
            Optional<SessionInfo> byId = byId(client, word);
            if (byId.isPresent()) return byId.get();
        }
        if (!word.matches("[a-zA-Z0-9_-]{1,64}"))
            throw new Failure(Exit.USAGE, "\"" + Show.clean(word) + "\" is neither a session id nor an app");
        List<SessionInfo> mine = client
                .list(ApiWords.SESSIONS + "?app=" + word + (client.isLocal() ? "&all=true" : ""), SessionInfo.class)
                .stream()
                .filter(session -> name.isEmpty() || session.name().equals(name.get()))
                .toList();
        List<SessionInfo> live = mine.stream()
                .filter(session -> !session.state().equals("ended"))
                .toList();
        if (live.size() > 1)
            throw new Failure(
                    Exit.USAGE,
                    "you have several sessions of " + word + ": "
                            + live.stream().map(SessionInfo::name).collect(Collectors.joining(", "))
                            + "; choose one with --name, or give its id");
        if (live.size() == 1) return live.getFirst();
        if (ended && !mine.isEmpty()) return mine.getFirst();
        throw new Failure(Exit.NOT_FOUND, "you have no session of " + word + "; \"carrel sessions\" lists yours");
    }

    private static Optional<SessionInfo> byId(ApiClient client, String id) throws IOException {
        try {
            return Optional.of(client.get(ApiWords.SESSIONS + "/" + id, SessionInfo.class));
        } catch (ApiException answer) {
            if (answer.status() == 404) return Optional.empty(); // an app may be called like that
            throw answer;
        }
    }
}
