package org.carrel.door;

import java.io.IOException;
import java.time.Duration;
import java.util.Base64;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.carrel.api.ClaimInfo;
import org.carrel.api.Json;
import org.carrel.domain.member.Claim;
import org.carrel.domain.node.NodeId;
import org.carrel.domain.node.NodeName;
import org.carrel.domain.session.Session;
import org.carrel.domain.session.SessionId;
import org.carrel.domain.user.Principal;
import org.carrel.domain.user.Scope;
import org.carrel.domain.user.UserId;
import org.carrel.door.Words.Admitted;
import org.carrel.door.Words.BegunWords;
import org.carrel.http.RequestId;
import org.carrel.port.Admission;
import org.carrel.port.Admission.Verdict;
import org.carrel.port.Begun;
import org.carrel.port.Knock;
import org.carrel.port.Knock.Traffic;
import org.carrel.port.NodeMetadata;
import org.carrel.port.PlaceAnswers;
import org.carrel.port.Probes;
import org.carrel.port.ServiceNodes;
import org.carrel.port.Sessions;
import org.carrel.port.Views;
import org.carrel.trust.Issuer;
import org.carrel.trust.Peer;
import org.carrel.trust.Role;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What this node's agent does for other nodes. Those that ask for a user are gateways by their certificates (`Verb`):
/// they are believed about who their users are, and about nothing else.
public final class AgentCalls implements Calls, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(AgentCalls.class);
    private static final int GROUPS_MOST = 64;
    private static final int LOG_MOST = 10_000;
    private static final long PATIENCE_MOST = Words.NEWS_PATIENCE.toMillis();

    private final NodeId id;
    private final NodeName name;
    private final Sessions sessions;
    private final Views views;
    private final SessionNews news;
    private final Admission admission;
    private final PlaceAnswers places;
    private final NodeMetadata.Own metadata;
    private final ServiceNodes.Own services;
    private final FarLeases leases = new FarLeases();
    private volatile Optional<Issuer> issuer = Optional.empty();
    private volatile Probes.Answerer claims = asker -> {
        throw new IllegalArgumentException("not a member yet");
    };

    /// @param sessions, views and admission of this node's agent, not of the cluster: no node leads on to a third
    public AgentCalls(
            NodeId id,
            NodeName name,
            Sessions sessions,
            Views views,
            Admission admission,
            PlaceAnswers places,
            NodeMetadata.Own metadata,
            ServiceNodes.Own services) {
        this.id = id;
        this.name = name;
        this.sessions = sessions;
        this.views = views;
        this.news = new SessionNews(views);
        this.admission = admission;
        this.places = places;
        this.metadata = metadata;
        this.services = services;
    }

    @Override
    public byte[] answer(Peer peer, String path, byte[] body) throws IOException, InterruptedException, NoSuchCall {
        return Json.bytes(
                switch (path) {
                    case Words.ADMIT -> admit(peer, Wire.read(body, Words.Admit.class));
                    case Words.LEASES ->
                        new Words.LeasesOver(leases.report(
                                peer.node(), Wire.read(body, Words.Leases.class).leases()));
                    case Words.SESSIONS -> sessions(Wire.read(body, Words.AskSessions.class));
                    case Words.BEGIN -> begin(Wire.read(body, Words.Begin.class));
                    case Words.STOP -> stop(Wire.read(body, Words.Stop.class));
                    case Words.EXTEND -> extend(Wire.read(body, Words.Extend.class));
                    case Words.LOG -> log(Wire.read(body, Words.Log.class));
                    case Words.DRAIN -> drain(Wire.read(body, Words.Drain.class));
                    case Words.METADATA -> FarMetadata.answer(metadata, Wire.read(body, Words.ChangeMetadata.class));
                    case Words.SERVICE -> FarServices.answer(services, Wire.read(body, Words.AskService.class));
                    case Words.PLACE -> place(Wire.read(body, PlaceWords.Call.class));
                    case Words.RENEW -> renew(peer, Wire.read(body, Words.Renew.class));
                    case Words.CLAIM -> claim(peer, Wire.read(body, ClaimInfo.class));
                    default -> throw new NoSuchCall(path);
                });
    }

    private Admitted admit(Peer peer, Words.Admit asked) throws InterruptedException {
        if (asked.groups().size() > GROUPS_MOST) throw new IllegalArgumentException("too many groups");
        Principal by = new Principal(new UserId(asked.user()), Set.copyOf(asked.groups()), Set.of(Scope.USE));
        Traffic kind = Traffic.valueOf(asked.kind().toUpperCase(Locale.ROOT));
        return switch (admission.admit(new Knock(new SessionId(asked.session()), by, kind))) {
            case Verdict.Open open ->
                new Admitted(
                        "open",
                        leases.hold(peer.node(), open.lease()),
                        Wire.words(open.rules()),
                        open.inject().stream()
                                .map(header -> new Words.Field(header.name(), header.value()))
                                .toList(),
                        open.fresh()
                                .map(fresh -> Math.toIntExact(fresh.toSeconds()))
                                .orElse(null),
                        null,
                        null);
            case Verdict.NotYet(var session) -> Admitted.not("not-yet", Wire.words(session), null);
            case Verdict.Gone(var end) -> Admitted.not("gone", null, Wire.words(end));
            case Verdict.Absent absent -> Admitted.not("absent", null, null);
            case Verdict.Unreachable elsewhere -> Admitted.not("absent", null, null);
        };
    }

    private Words.Known sessions(Words.AskSessions asked) throws InterruptedException {
        Duration patience = Duration.ofMillis(Math.clamp(asked.waitMillis(), 0, PATIENCE_MOST));
        SessionNews.Since since = news.after(asked.after(), patience);
        return new Words.Known(
                id.value(),
                name.value(),
                since.mark(),
                since.whole(),
                since.changed().stream().map(Wire::words).toList(),
                since.gone().stream().map(SessionId::value).toList(),
                Boolean.TRUE.equals(asked.samples())
                        ? FarSamples.words(views.current().samples())
                        : null);
    }

    private BegunWords begin(Words.Begin asked) throws InterruptedException {
        return switch (sessions.begin(Wire.key(asked.key()), new RequestId(asked.once()))) {
            case Begun.Granted(var session) -> new BegunWords("granted", Wire.words(session), null, null);
            case Begun.Existing(var session) -> new BegunWords("existing", Wire.words(session), null, null);
            case Begun.Full(var shortage, var after) -> new BegunWords("full", null, shortage, after.toMillis());
            case Begun.Waiting waiting -> throw new IllegalStateException("an agent lets nobody wait: " + waiting);
            case Begun.Draining() -> new BegunWords("draining", null, null, null);
            case Begun.Impossible(var why) -> new BegunWords("impossible", null, why, null);
        };
    }

    private PlaceWords.Answer place(PlaceWords.Call asked) throws IOException, InterruptedException {
        return PlaceWords.words(places.answer(asked.call())
                .orElseThrow(() -> new IOException("this node is too busy to decide; ask again")));
    }

    private Words.MaybeSession stop(Words.Stop asked) throws InterruptedException {
        return maybe(sessions.stop(new SessionId(asked.session()), Wire.end(asked.because())));
    }

    private Words.MaybeSession extend(Words.Extend asked) throws InterruptedException {
        return maybe(sessions.extend(new SessionId(asked.session()), new UserId(asked.by())));
    }

    private static Words.MaybeSession maybe(Optional<Session> session) {
        return new Words.MaybeSession(session.map(Wire::words).orElse(null));
    }

    private Words.Lines log(Words.Log asked) throws InterruptedException {
        List<String> lines = sessions.log(new SessionId(asked.session()), Math.clamp(asked.lines(), 0, LOG_MOST));
        return new Words.Lines(lines);
    }

    /// A node speaks for itself only.
    private ClaimInfo claim(Peer peer, ClaimInfo said) {
        Claim asker = said.claim();
        if (!asker.node().equals(peer.node())) throw new IllegalArgumentException("a claim of another node");
        return ClaimInfo.of(claims.answer(asker));
    }

    /// Until then, and on nodes that can't sign, nobody's certificate is renewed.
    public void signsBy(Issuer signs) {
        issuer = Optional.of(signs);
    }

    /// Only for itself: whose certificate it becomes is who asks.
    private Words.Renewed renew(Peer peer, Words.Renew asked) throws IOException {
        Issuer signs = issuer.orElseThrow(() -> new IllegalArgumentException("this node can't sign"));
        Set<Role> roles = asked.roles() == null ? peer.roles() : roles(asked.roles());
        byte[] signed = signs.renew(peer, roles, Base64.getDecoder().decode(asked.request()));
        log.info("certificate renewed for a node peer={} roles=\"{}\"", peer.node(), Verb.words(roles));
        return new Words.Renewed(Base64.getEncoder().encodeToString(signed));
    }

    private static Set<Role> roles(List<String> words) {
        Set<Role> roles = EnumSet.noneOf(Role.class);
        for (String word : words)
            roles.add(Role.of(word).orElseThrow(() -> new IllegalArgumentException("no role of ours")));
        return roles;
    }

    /// Until then a question is turned away.
    public void claimsBy(Probes.Answerer answerer) {
        claims = answerer;
    }

    private Words.Nothing drain(Words.Drain asked) throws InterruptedException {
        sessions.drain(asked.on());
        return new Words.Nothing();
    }

    @Override
    public void close() {
        leases.close();
    }
}
