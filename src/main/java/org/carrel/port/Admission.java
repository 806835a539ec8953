package org.carrel.port;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.carrel.domain.kind.ProxyRules;
import org.carrel.domain.session.End;
import org.carrel.domain.session.Endpoint;
import org.carrel.domain.session.Session;
import org.carrel.http.Header;

/// The only gate to a session, kept by the agent that owns it; for local traffic too.
public interface Admission {
    /// May wait for another node: call it on a virtual thread. The answer holds until the lease is closed or says
    /// otherwise.
    Verdict admit(Knock knock) throws InterruptedException;

    sealed interface Verdict {
        /// @param inject  headers to set on every request to the workload; secret, never shown to the browser
        /// @param greeted of a session on this node that speaks first
        /// @param fresh   how long what is injected holds for new requests
        record Open(
                Carrier carrier,
                ProxyRules rules,
                List<Header> inject,
                Lease lease,
                Optional<Greeted> greeted,
                Optional<Duration> fresh)
                implements Verdict {
            public Open {
                inject = List.copyOf(inject);
            }

            public Open(Carrier carrier, ProxyRules rules, List<Header> inject, Lease lease) {
                this(carrier, rules, inject, lease, Optional.empty(), Optional.empty());
            }

            /// of a session on this node
            public Open(Endpoint endpoint, ProxyRules rules, List<Header> inject, Lease lease) {
                this(new Carrier.Near(endpoint), rules, inject, lease);
            }
        }

        /// reserved or starting
        record NotYet(Session session) implements Verdict {}

        record Gone(End end) implements Verdict {}

        /// no such session, or not this user's: the same answer for both
        record Absent() implements Verdict {}

        /// another node has it and doesn't answer
        /// @param why a sentence
        record Unreachable(String why) implements Verdict {}
    }
}
