package org.carrel.auth;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.carrel.auth.Tokens.Stored;
import org.carrel.port.SharedProofs;

/// This node's sign-outs and tokens, told to and learned from other nodes.
final class Proofs implements SharedProofs {
    private final ProofLog log;
    private final Revocations revocations;
    private final Tokens tokens;
    private final InstantSource clock;

    Proofs(ProofLog log, Revocations revocations, Tokens tokens, InstantSource clock) {
        this.log = log;
        this.revocations = revocations;
        this.tokens = tokens;
        this.clock = clock;
    }

    @Override
    public Told after(String run, long position, Duration patience) throws InterruptedException {
        return log.after(run, position, MOST, patience);
    }

    /// All that is of one kind is written with one write.
    @Override
    public void learn(List<Fact> facts) throws IOException {
        Instant now = clock.instant();
        Map<String, Instant> signedOut = new HashMap<>();
        Optional<Instant> allBefore = Optional.empty();
        List<Stored> made = new ArrayList<>();
        List<Stored> revoked = new ArrayList<>();
        for (Fact fact : facts)
            switch (fact) {
                case Fact.SignedOut(var login, var ago) -> signedOut.put(login, now.minus(ago));
                case Fact.AllBefore(var issued) -> allBefore = Optional.of(issued);
                case Fact.Token token -> (token.revoked() ? revoked : made).add(Tokens.stored(token));
            }
        if (allBefore.isPresent()) revocations.refuseBefore(allBefore.get());
        revocations.learn(signedOut);
        tokens.learn(made, revoked);
    }
}
