package org.carrel.door;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The JSON of calls between nodes, protocol `carrel-api/1`: POST, path `/v1/<name>`. Absent fields are left out,
/// unknown
/// ones skipped, so that nodes of two versions understand each other.
final class Words {
    static final String ADMIT = "/v1/admit";
    static final String LEASES = "/v1/leases";
    static final String SESSIONS = "/v1/sessions";
    static final String BEGIN = "/v1/begin";
    static final String STOP = "/v1/stop";
    static final String EXTEND = "/v1/extend";
    static final String LOG = "/v1/log";
    static final String DRAIN = "/v1/drain";
    static final String METADATA = "/v1/metadata";
    static final String SERVICE = "/v1/service";
    /// `api/ClaimInfo` both ways: what a node is in the cluster
    static final String CLAIM = "/v1/claim";
    /// `PlaceWords.Call`, answered by `PlaceWords.Answer`
    static final String PLACE = "/v1/place";

    /// sign-outs and tokens, as `SharedProofs`
    static final String PROOFS = "/v1/proofs";

    static final String PROMISE = "/v1/promise";
    static final String REDEEM = "/v1/redeem";

    /// `Renew`, answered by `Renewed`; by nodes that can sign
    static final String RENEW = "/v1/renew";

    /// `AskShutOut`, answered by `ShutOut`
    static final String SHUT_OUT = "/v1/shut-out";

    /// longest a call for news may wait for them
    static final Duration NEWS_PATIENCE = Duration.ofSeconds(30);

    private Words() {}

    record Nothing() {}

    /// @param request DER in Base64
    /// @param roles   of the new certificate; the present ones when left out
    record Renew(String request, @Nullable List<String> roles) {
        Renew {
            Wire.must(request, "request");
        }
    }

    /// @param certificate DER in Base64
    record Renewed(String certificate) {
        Renewed {
            Wire.must(certificate, "certificate");
        }
    }

    /// What a newcomer says, by `carrel-join/1`.
    /// @param node    the id it made itself
    /// @param request DER in Base64
    record Join(String id, String secret, String node, String request) {
        Join {
            Wire.must(id, "id");
            Wire.must(secret, "secret");
            Wire.must(node, "node");
            Wire.must(request, "request");
        }
    }

    /// @param refused a sentence; then there is nothing else
    /// @param issuers doors, `host:port`
    record Joined(
            @Nullable String refused,
            @Nullable String certificate,
            @Nullable String cluster,
            @Nullable String secret,
            @Nullable List<String> issuers) {}

    record Admit(String session, String user, List<String> groups, String kind) {
        Admit {
            Wire.must(session, "session");
            Wire.must(user, "user");
            Wire.must(groups, "groups");
            Wire.must(kind, "kind");
        }
    }

    /// @param verdict `open`, `not-yet`, `gone`, `absent`
    /// @param lease   of an open one: to be reported, see `Leases`
    record Admitted(
            String verdict,
            @Nullable String lease,
            @Nullable Rules rules,
            @Nullable List<Field> inject,
            @Nullable Integer freshSeconds,
            @Nullable SessionWords session,
            @Nullable EndWords end) {
        /// not open
        static Admitted not(String verdict, @Nullable SessionWords session, @Nullable EndWords end) {
            return new Admitted(verdict, null, null, null, null, session, end);
        }

        Admitted {
            Wire.must(verdict, "verdict");
        }
    }

    record Rules(
            String prefix,
            String host,
            @Nullable String markedQuery,
            @Nullable String markedLetter,
            @Nullable List<String> withheld,
            @Nullable PollWords polls,
            @Nullable String rootPath,
            @Nullable String signOut) {
        Rules {
            Wire.must(prefix, "prefix");
            Wire.must(host, "host");
        }
    }

    record PollWords(List<String> paths, String header, String value) {
        PollWords {
            Wire.must(paths, "paths");
            Wire.must(header, "header");
            Wire.must(value, "value");
        }
    }

    record Field(String name, String value) {
        Field {
            Wire.must(name, "name");
            Wire.must(value, "value");
        }
    }

    /// To be sent for every lease that is held, at least every 30 s; a lease nobody reports for 60 s ends.
    record Leases(List<LeaseUse> leases) {
        Leases {
            Wire.must(leases, "leases");
        }
    }

    /// @param input       whether the user did something since the last report
    /// @param connections long-lived ones open now
    record LeaseUse(String lease, boolean input, int connections, boolean closed) {
        LeaseUse {
            Wire.must(lease, "lease");
        }
    }

    /// @param over those that no longer hold
    record LeasesOver(List<String> over) {
        LeasesOver {
            Wire.must(over, "over");
        }
    }

    /// @param after the mark of the last answer, which tells what changed since; null for the whole list
    /// @param waitMillis how long the answer may wait for news
    /// @param samples whether to tell what was last observed of them
    record AskSessions(
            @Nullable String after,
            long waitMillis,
            @Nullable Boolean samples) {}

    /// @param cpuPercent of one core
    /// @param verdict    `keep | warn | stop`
    /// @param stopsAt    when it would be stopped if nothing changes; null: never, or now
    record SampleWords(
            double cpuPercent,
            long memoryBytes,
            int connections,
            Instant lastInput,
            String verdict,
            String reason,
            @Nullable Instant stopsAt,
            @Nullable String project) {
        SampleWords {
            Wire.must(lastInput, "lastInput");
            Wire.must(verdict, "verdict");
            Wire.must(reason, "reason");
        }
    }

    /// @param mark opaque; to ask with next
    /// @param whole whether these are all sessions there are; else only what changed since the mark asked with
    /// @param gone sessions that the node doesn't tell of any more
    /// @param samples by session, where they were asked for
    record Known(
            String nodeId,
            String node,
            String mark,
            boolean whole,
            List<SessionWords> sessions,
            List<String> gone,
            @Nullable Map<String, SampleWords> samples) {
        Known {
            Wire.must(nodeId, "nodeId");
            Wire.must(node, "node");
            Wire.must(mark, "mark");
            Wire.must(sessions, "sessions");
            Wire.must(gone, "gone");
        }
    }

    record Key(String owner, String app, String name) {
        Key {
            Wire.must(owner, "owner");
            Wire.must(app, "app");
            Wire.must(name, "name");
        }
    }

    record Begin(Key key, String once) {
        Begin {
            Wire.must(key, "key");
            Wire.must(once, "once");
        }
    }

    /// @param answer `granted`, `existing`, `full`, `draining`, `impossible`
    record BegunWords(
            String answer,
            @Nullable SessionWords session,
            @Nullable String why,
            @Nullable Long retryAfterMillis) {
        BegunWords {
            Wire.must(answer, "answer");
        }
    }

    record Stop(String session, EndWords because) {
        Stop {
            Wire.must(session, "session");
            Wire.must(because, "because");
        }
    }

    record Extend(String session, String by) {
        Extend {
            Wire.must(session, "session");
            Wire.must(by, "by");
        }
    }

    record MaybeSession(@Nullable SessionWords session) {}

    record Log(String session, int lines) {
        Log {
            Wire.must(session, "session");
        }
    }

    record Lines(List<String> lines) {
        Lines {
            Wire.must(lines, "lines");
        }
    }

    record Drain(boolean on) {}

    record AskService(String app, long from) {
        AskService {
            Wire.must(app, "app");
        }
    }

    /// @param state `off`, `installing`, `starting`, `ready`, `failed`, `stopping`
    /// @param copy  id of its live session
    record ServiceNow(String state, String why, @Nullable String copy, List<String> output, long next) {
        ServiceNow {
            Wire.must(state, "state");
            Wire.must(why, "why");
            Wire.must(output, "output");
        }
    }

    record ChangeMetadata(Map<String, String> set, List<String> remove) {
        ChangeMetadata {
            Wire.must(set, "set");
            Wire.must(remove, "remove");
        }
    }

    /// @param metadata all of it
    /// @param refused  why nothing was changed
    record MetadataNow(
            Map<String, String> metadata, @Nullable String refused) {
        MetadataNow {
            Wire.must(metadata, "metadata");
        }
    }

    /// @param run, position of the answer before
    record AskProofs(String run, long position, long waitMillis) {
        AskProofs {
            Wire.must(run, "run");
        }
    }

    /// Each list oldest first; a fact of a kind that isn't known is in a list that isn't read.
    record Proofs(
            String nodeId,
            String run,
            long position,
            int facts,
            List<SignedOut> signedOut,
            @Nullable Instant allBefore,
            List<TokenWords> tokens) {
        Proofs {
            Wire.must(nodeId, "nodeId");
            Wire.must(run, "run");
            Wire.must(signedOut, "signedOut");
            Wire.must(tokens, "tokens");
        }
    }

    record SignedOut(String login, long agoMillis) {
        SignedOut {
            Wire.must(login, "login");
        }
    }

    record TokenWords(
            String digest, String user, List<String> scopes, Instant created, Instant expires, boolean revoked) {
        TokenWords {
            Wire.must(digest, "digest");
            Wire.must(user, "user");
            Wire.must(scopes, "scopes");
            Wire.must(created, "created");
            Wire.must(expires, "expires");
        }
    }

    /// @param digest of the list that was told before
    record AskShutOut(String digest, long waitMillis) {
        AskShutOut {
            Wire.must(digest, "digest");
        }
    }

    /// @param words all of them
    record ShutOut(String nodeId, String digest, List<ShutOutWord> words) {
        ShutOut {
            Wire.must(nodeId, "nodeId");
            Wire.must(digest, "digest");
            Wire.must(words, "words");
        }
    }

    /// as `ShutOutList.Word`
    record ShutOutWord(String node, String name, long at, boolean out, String signature) {
        ShutOutWord {
            Wire.must(node, "node");
            Wire.must(name, "name");
            Wire.must(signature, "signature");
        }
    }

    record Promise(String session, String challenge, String sealed) {
        Promise {
            Wire.must(session, "session");
            Wire.must(challenge, "challenge");
            Wire.must(sealed, "sealed");
        }
    }

    record Redeem(String session, String code, String challenge) {
        Redeem {
            Wire.must(session, "session");
            Wire.must(code, "code");
            Wire.must(challenge, "challenge");
        }
    }

    /// @param text absent: no
    record MaybeText(@Nullable String text) {}

    /// @param kind `stopped`, `idle`, `exited`, `failed`, `lost`
    record EndWords(
            String kind,
            String text,
            @Nullable Integer status,
            @Nullable List<String> lastLines) {
        EndWords {
            Wire.must(kind, "kind");
            Wire.must(text, "text");
        }
    }

    record WorkloadWords(
            String launcher,
            int version,
            Map<String, String> fields,
            @Nullable String socket,
            @Nullable Integer port,
            @Nullable Long pid) {
        WorkloadWords {
            Wire.must(launcher, "launcher");
            Wire.must(fields, "fields");
        }
    }

    record SessionWords(
            String id,
            Key key,
            String kind,
            int cpuMillis,
            long memoryBytes,
            String node,
            Instant since,
            String state,
            @Nullable Instant until,
            @Nullable Integer ahead,
            @Nullable WorkloadWords workload,
            @Nullable EndWords end) {
        SessionWords {
            Wire.must(id, "id");
            Wire.must(key, "key");
            Wire.must(kind, "kind");
            Wire.must(node, "node");
            Wire.must(since, "since");
            Wire.must(state, "state");
        }
    }
}
