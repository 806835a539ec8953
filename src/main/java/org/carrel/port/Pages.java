package org.carrel.port;

import java.io.IOException;
import org.carrel.domain.route.Place;
import org.carrel.domain.session.End;
import org.carrel.domain.session.Session;
import org.carrel.http.Answer;
import org.carrel.http.Request;
import org.carrel.port.Identities.Identity;

/// Everything the gateway answers by itself instead of carrying it to a workload. Runs on virtual threads; may block.
public interface Pages {
    /// pages and API on the portal's own host
    Answer portal(Request request) throws IOException, InterruptedException;

    /// our resources beside a session: `/.carrel/…` on its address
    Answer beside(Request request, Place.Beside place) throws IOException, InterruptedException;

    /// our resources on a service's own host: `/.carrel/…`
    Answer besideService(Request request, Place.BesideService place) throws IOException, InterruptedException;

    /// A request that was meant for a session's workload and can't be carried there. Navigations get a page that says
    /// why and what
    /// to do; fetches get problem+json; a WebSocket upgrade gets a status.
    Answer instead(Request request, Place.InSession place, Hindrance hindrance)
            throws IOException, InterruptedException;

    /// Why it can't be carried.
    sealed interface Hindrance {
        /// nobody, or a proof that doesn't hold: the hand-over begins here
        record Unproved(Identity identity) implements Hindrance {}

        record NotYet(Session session) implements Hindrance {}

        record Gone(End end) implements Hindrance {}

        /// no such session or not this user's
        record Absent() implements Hindrance {}

        /// The workload is there and doesn't answer in time, or broke off before its answer began.
        /// @param busy it accepted the connection, so it is more likely computing than dead
        record Silent(boolean busy, String detail) implements Hindrance {}

        /// The workload's own way to sign out was used, by somebody who would be signed on again at once.
        record SigningOut() implements Hindrance {}

        /// cross-site, wrong Origin, over a limit
        record Refused(int status, String why) implements Hindrance {}
    }
}
