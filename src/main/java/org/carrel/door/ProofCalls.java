package org.carrel.door;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.carrel.api.Json;
import org.carrel.domain.node.NodeId;
import org.carrel.domain.session.SessionId;
import org.carrel.door.Words.MaybeText;
import org.carrel.port.HandOverCodes;
import org.carrel.port.SharedProofs;
import org.carrel.port.SharedProofs.Fact;
import org.carrel.port.Views;
import org.carrel.trust.Peer;
import org.jspecify.annotations.Nullable;

/// What this node answers other nodes about proofs: who signed out, which tokens there are, and codes for its own
/// sessions. Nobody tells it anything unasked: it asks others itself (`ProofNews`).
public final class ProofCalls implements Calls {
    private final NodeId id;
    private final Views views;
    private final SharedProofs proofs;
    private final HandOverCodes codes;

    /// @param views of this node's agent
    /// @param codes of this node's sessions
    public ProofCalls(NodeId id, Views views, SharedProofs proofs, HandOverCodes codes) {
        this.id = id;
        this.views = views;
        this.proofs = proofs;
        this.codes = codes;
    }

    @Override
    public byte[] answer(Peer peer, String path, byte[] body) throws IOException, InterruptedException, NoSuchCall {
        return Json.bytes(
                switch (path) {
                    case Words.PROOFS -> news(Wire.read(body, Words.AskProofs.class));
                    case Words.PROMISE -> promise(Wire.read(body, Words.Promise.class));
                    case Words.REDEEM -> redeem(Wire.read(body, Words.Redeem.class));
                    default -> throw new NoSuchCall(path);
                });
    }

    private Words.Proofs news(Words.AskProofs asked) throws InterruptedException {
        long patience = Math.clamp(asked.waitMillis(), 0, Words.NEWS_PATIENCE.toMillis());
        var told = proofs.after(asked.run(), asked.position(), Duration.ofMillis(patience));
        List<Words.SignedOut> signedOut = new ArrayList<>();
        List<Words.TokenWords> tokens = new ArrayList<>();
        @Nullable Instant allBefore = null;
        for (Fact fact : told.facts())
            switch (fact) {
                case Fact.SignedOut(var login, var ago) -> signedOut.add(new Words.SignedOut(login, ago.toMillis()));
                case Fact.AllBefore(var issued) -> allBefore = issued;
                case Fact.Token it ->
                    tokens.add(new Words.TokenWords(
                            it.digest(),
                            it.user().value(),
                            List.copyOf(it.scopes()),
                            it.created(),
                            it.expires(),
                            it.revoked()));
            }
        return new Words.Proofs(
                id.value(), told.run(), told.position(), told.facts().size(), signedOut, allBefore, tokens);
    }

    private MaybeText promise(Words.Promise asked) throws IOException, InterruptedException {
        SessionId session = new SessionId(asked.session());
        if (!isHere(session)) return new MaybeText(null);
        return maybe(codes.promise(session, asked.challenge(), asked.sealed()));
    }

    private MaybeText redeem(Words.Redeem asked) throws IOException, InterruptedException {
        return maybe(codes.redeem(new SessionId(asked.session()), asked.code(), asked.challenge()));
    }

    private boolean isHere(SessionId session) {
        return views.current().session(session).isPresent();
    }

    private static MaybeText maybe(Optional<String> text) {
        return new MaybeText(text.orElse(null));
    }
}
