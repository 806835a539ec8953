package org.carrel.control.page;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.carrel.api.Me;
import org.carrel.auth.Auth;
import org.carrel.control.Problems;
import org.carrel.control.page.Facts.NoticeFacts;
import org.carrel.domain.app.AppId;
import org.carrel.domain.kind.KindId;
import org.carrel.domain.kind.ProxyRules;
import org.carrel.domain.route.Addresses;
import org.carrel.domain.session.Session;
import org.carrel.domain.session.SessionId;
import org.carrel.domain.session.SessionKey;
import org.carrel.domain.user.Principal;
import org.carrel.http.Answer;
import org.carrel.http.Request;
import org.carrel.http.RequestHead;
import org.carrel.port.Audit;
import org.carrel.port.Catalogue;
import org.carrel.port.HandOverCodes;
import org.carrel.port.Sessions;
import org.carrel.port.Starts;
import org.carrel.port.Views;

/// What every page's handler needs: the parts, the addresses, and the pages that say no.
/// @param rules how sessions of a kind are addressed
record PageMeans(
        Starts starts,
        Sessions sessions,
        Views views,
        Catalogue catalogue,
        Auth auth,
        HandOverCodes codes,
        Audit audit,
        Supplier<Addresses> addresses,
        Function<KindId, ProxyRules> rules,
        PortalSettings settings,
        PageWriter writer) {

    String title() {
        return settings.title();
    }

    Me me(Request request, Principal who) {
        return new Me(
                who.user().value(),
                who.groups().stream().sorted().toList(),
                who.isAdmin(),
                auth.csrf().tokenFor(request.head()));
    }

    String titleOf(AppId app) {
        return catalogue.find(app).map(entry -> entry.app().title()).orElse(app.value());
    }

    /// A live or lately ended session of this very user. Others' sessions are as absent as those that never were.
    Optional<Session> own(SessionId id, Principal who) {
        return views.current().session(id).filter(it -> it.owner().equals(who.user()));
    }

    /// where a ready session is used
    String addressOf(Session session, RequestHead head) {
        return addresses.get().addressOf(session.id(), rules.apply(session.kind()), head.scheme(), head.authority());
    }

    /// scheme, host and port of the portal, seen from a session's own origin
    String portal(RequestHead head) {
        return head.scheme() + "://" + settings.portalHost() + Addresses.portIn(head.authority());
    }

    static String startPath(SessionKey key) {
        String path = "/app/" + key.app();
        return key.name().equals(SessionKey.DEFAULT_NAME) ? path : path + "/" + key.name();
    }

    static String waitPath(SessionId id) {
        return "/wait/" + id;
    }

    static String signInPath(String next) {
        return "/sign-in?next=" + encoded(next);
    }

    static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    /// A page for people, problem+json for programs.
    /// @param text a sentence with the cause and the next step
    Answer.Whole refusal(Request request, int status, String kind, String heading, String text) {
        if (!Navigation.wantsPage(request.head()) && !request.head().method().equals("POST"))
            return Problems.named(request.head(), status, kind, text);
        return notice(request, status, kind, heading, text, "/", "Back to your sessions", "/web");
    }

    Answer.Whole notice(
            Request request,
            int status,
            String kind,
            String heading,
            String text,
            String nextUrl,
            String nextText,
            String web) {
        NoticeFacts facts = new NoticeFacts(title(), status, kind, heading, text, nextUrl, nextText, null, null);
        return writer.page(request.head(), status, facts, web);
    }

    Answer.Whole absent(Request request) {
        return refusal(
                request, 404, "not-found", "Nothing here", "There is no such page or session, or it isn't yours.");
    }
}
