package org.carrel.control.page;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.List;
import org.carrel.api.Me;
import org.jspecify.annotations.Nullable;

/// What a page is told when it is sent: the JSON in `<script type="application/json" id="facts">{{facts}}</script>`.
/// Absent fields are left out. A template may also hold `{{lang}}` (`en`, `fr`, …), `{{nonce}}` (of this answer's
/// policy) and `{{web}}`: where the static files lie for this page, `/web` on the portal. Pages may be shown on a
/// session's own origin too, where `/web` is the app's; so scripts find their files relative to `import.meta.url`.
@JsonInclude(JsonInclude.Include.NON_NULL)
public sealed interface Facts {
    /// name of the template below `web/`, without `.html`
    String page();

    /// `signin.html`: a form that posts `user`, `password`, `next` as `application/x-www-form-urlencoded` to
    /// `/sign-in`.
    /// @param title   of the installation, shown to people
    /// @param next    where to go afterwards; a path on the portal, to be sent back as it is
    /// @param user    as typed before, when the page is shown again
    /// @param problem why it is shown again: `wrong | wait | busy | form | signed-out`; the bundle has the sentence
    /// @param message the same as an English sentence, for pages that know no such word
    /// @param retryAfterSeconds with `wait` and `busy`
    record SignInFacts(
            String title,
            String next,
            @Nullable String user,
            @Nullable String problem,
            @Nullable String message,
            @Nullable Long retryAfterSeconds)
            implements Facts {
        @Override
        public String page() {
            return "signin";
        }
    }

    /// `home.html`: catalogue and my sessions.
    record HomeFacts(String title, Me me) implements Facts {
        @Override
        public String page() {
            return "home";
        }
    }

    /// `cluster.html`: the nodes, for everybody who is signed in; only administrators may drain them.
    record ClusterFacts(String title, Me me) implements Facts {
        @Override
        public String page() {
            return "cluster";
        }
    }

    /// `admin.html`; only sent to administrators.
    record AdminFacts(String title, Me me) implements Facts {
        @Override
        public String page() {
            return "admin";
        }
    }

    /// `waiting.html`, at `/wait/<id>`. When the session is ready the page loads `/wait/<id>` again, which then leads
    /// to the session.
    /// @param session   its id
    /// @param name      the user's name for it, mostly `default`
    /// @param usualMs   from asking to ready, when this app was started before
    /// @param eventsUrl server-sent events: `/api/v1/sessions/<id>/events`
    /// @param sessionUrl `/api/v1/sessions/<id>`, for DELETE
    /// @param startUrl  to try again after a failure
    record WaitingFacts(
            String title,
            String session,
            String appTitle,
            String name,
            Instant since,
            @Nullable Long usualMs,
            String eventsUrl,
            String sessionUrl,
            String startUrl,
            Me me)
            implements Facts {
        @Override
        public String page() {
            return "waiting";
        }
    }

    /// `ended.html`, with status 410; also served on a session's own origin, where scripts and styles lie below
    /// `/.carrel/web/`.
    /// @param sentence  why it ended
    /// @param lastLines of its log, for its owner; may be empty
    /// @param startUrl  absolute, starts it again
    /// @param portalUrl absolute
    record EndedFacts(
            String title, String appTitle, String sentence, List<String> lastLines, String startUrl, String portalUrl)
            implements Facts {
        @Override
        public String page() {
            return "ended";
        }
    }

    /// `notice.html`: anything else that has to be said.
    /// @param kind  a word for pages that have a better sentence in their bundle: `not-found | forbidden | full |
    ///              draining | impossible | busy | dead | bad-request | cookies | refused`
    /// @param heading one line
    /// @param text  a sentence with the cause and the next step
    /// @param nextUrl where the button leads; `""`: the same page once more
    /// @param nextText on the button
    /// @param retryAfterSeconds when it may be worth trying again
    /// @param waits             of who waits
    record NoticeFacts(
            String title,
            int status,
            String kind,
            String heading,
            String text,
            String nextUrl,
            String nextText,
            @Nullable Long retryAfterSeconds,
            @Nullable Waits waits)
            implements Facts {
        /// @param position     in line; 1 is next
        /// @param elsewhereUrl where it goes on without the machine that is silent
        /// @param ticketUrl    to be deleted by who gives up
        record Waits(@Nullable Integer position, @Nullable String elsewhereUrl, String ticketUrl) {}

        @Override
        public String page() {
            return "notice";
        }
    }

    /// `consent.html`: a link from elsewhere asks to start something; a form with one button posts `csrf` to `action`.
    /// @param name of the session
    record ConsentFacts(String title, String appTitle, String app, String name, String csrf, String action, Me me)
            implements Facts {
        @Override
        public String page() {
            return "consent";
        }
    }

    /// `signout.html`: a form with one button posts the csrf of `me` to `/sign-out`.
    record SignOutFacts(String title, Me me) implements Facts {
        @Override
        public String page() {
            return "signout";
        }
    }

    /// Not a page: `GET /.carrel/state` beside a session, and each `state` event of `/.carrel/events`, for the bar.
    /// `POST /.carrel/extend` and `POST /.carrel/stop` (header `X-Carrel-Token: bar`, no body) answer with it too.
    /// @param state   `reserved | starting | ready | draining | ended`
    /// @param verdict `keep | warn | stop`, when known
    /// @param reason  a sentence: why it is kept, would be stopped, or ended
    /// @param stopsAt when it would be stopped if nothing changes
    record BesideState(
            String session,
            String app,
            String appTitle,
            String name,
            String user,
            String state,
            @Nullable String verdict,
            @Nullable String reason,
            @Nullable Instant stopsAt,
            String portalUrl,
            String startUrl) {}
}
