package org.carrel.control.page;

import java.io.IOException;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.carrel.auth.Auth;
import org.carrel.control.Problems;
import org.carrel.control.page.Facts.AdminFacts;
import org.carrel.control.page.Facts.ClusterFacts;
import org.carrel.control.page.Facts.HomeFacts;
import org.carrel.domain.kind.KindId;
import org.carrel.domain.kind.ProxyRules;
import org.carrel.domain.route.Addresses;
import org.carrel.domain.route.Origin;
import org.carrel.domain.route.Place;
import org.carrel.domain.user.Principal;
import org.carrel.http.Answer;
import org.carrel.http.Handler;
import org.carrel.http.Request;
import org.carrel.http.Request.Proof;
import org.carrel.http.RequestHead;
import org.carrel.port.Audit;
import org.carrel.port.Catalogue;
import org.carrel.port.HandOverCodes;
import org.carrel.port.Identities.Identity;
import org.carrel.port.Pages;
import org.carrel.port.Sessions;
import org.carrel.port.Starts;
import org.carrel.port.Views;

/// Everything Carrel answers by itself: the portal's pages, what lies beside a session, and what is said in
/// its stead.
public final class PortalPages implements Pages {
    private final PageMeans means;
    private final WebFiles files;
    private final Handler api;
    private final Handler ops;
    private final SignInPages signIn;
    private final StartPages start;
    private final HandOverPages handOver;
    private final BesidePages beside;
    private final InsteadPages instead;

    /// @param codes for sessions of all nodes
    /// @param rules how sessions of a kind are addressed
    /// @param api   answers below `/api/`
    /// @param ops   answers `/metrics` and `/health/…`
    public record Parts(
            Starts starts,
            Sessions sessions,
            Views views,
            Catalogue catalogue,
            Auth auth,
            HandOverCodes codes,
            Audit audit,
            Supplier<Addresses> addresses,
            Function<KindId, ProxyRules> rules,
            Handler api,
            Handler ops,
            PortalSettings settings) {}

    public PortalPages(Parts parts) {
        files = WebFiles.load();
        means = new PageMeans(
                parts.starts(),
                parts.sessions(),
                parts.views(),
                parts.catalogue(),
                parts.auth(),
                parts.codes(),
                parts.audit(),
                parts.addresses(),
                parts.rules(),
                parts.settings(),
                new PageWriter(files, parts.addresses()));
        api = parts.api();
        ops = parts.ops();
        signIn = new SignInPages(means);
        start = new StartPages(means);
        handOver = new HandOverPages(means);
        beside = new BesidePages(means, files, handOver);
        instead = new InsteadPages(means, handOver);
    }

    @Override
    public Answer portal(Request request) throws IOException, InterruptedException {
        RequestHead head = request.head();
        String path = head.path();
        if (means.auth().identities().identify(head, Origin.PORTAL) instanceof Identity.Refused(var status, var why)
                && status != 401) return means.refusal(request, status, "bad-request", "This can't be read", why);
        if (path.equals("/metrics") || path.startsWith("/health/")) return ops.answer(request);
        if (path.startsWith("/api/")) return renewing(request, api.answer(request));
        return switch (head.method()) {
            case "GET", "HEAD" -> show(request, path);
            case "POST" -> post(request, path);
            default -> Problems.of(head, 405, "pages know GET, HEAD and POST").with("Allow", "GET, HEAD, POST");
        };
    }

    @Override
    public Answer beside(Request request, Place.Beside place) throws InterruptedException {
        return beside.answer(request, place);
    }

    @Override
    public Answer besideService(Request request, Place.BesideService place) throws InterruptedException {
        return beside.answer(request, place);
    }

    @Override
    public Answer instead(Request request, Place.InSession place, Hindrance hindrance) {
        return instead.answer(request, place, hindrance);
    }

    private Answer show(Request request, String path) throws InterruptedException {
        RequestHead head = request.head();
        if (path.startsWith("/web/")) return file(request, path.substring("/web/".length()));
        switch (path) {
            case "/sign-in" -> {
                return signIn.show(request);
            }
            case "/sign-out" -> {
                return signIn.offerSignOut(request);
            }
            case "/favicon.ico" -> {
                return file(request, "favicon.svg");
            }
            case "/robots.txt" -> {
                return Answer.text(200, "User-agent: *\nDisallow: /\n");
            }
            default -> {}
        }
        if (!needsUser(path)) return means.absent(request);
        Optional<Principal> who = request.principal();
        if (who.isEmpty()) {
            if (!Navigation.wantsPage(head)) return Problems.of(head, 401, "sign in first");
            return PageWriter.redirect(302, PageMeans.signInPath(Navigation.target(head)));
        }
        return renewing(request, forUser(request, path, who.get()));
    }

    private static boolean needsUser(String path) {
        return path.equals("/")
                || path.equals("/cluster")
                || path.equals("/admin")
                || path.equals("/handover")
                || path.startsWith("/app/")
                || path.startsWith("/wait/");
    }

    private Answer forUser(Request request, String path, Principal who) throws InterruptedException {
        if (path.equals("/")) {
            return means.writer().page(request.head(), 200, new HomeFacts(means.title(), means.me(request, who)));
        }
        if (path.equals("/cluster")) {
            return means.writer().page(request.head(), 200, new ClusterFacts(means.title(), means.me(request, who)));
        }
        if (path.equals("/admin")) {
            // the same answer as for a page that isn't there
            if (!who.isAdmin()) return means.absent(request);
            return means.writer().page(request.head(), 200, new AdminFacts(means.title(), means.me(request, who)));
        }
        if (path.equals("/handover")) return handOver.promise(request, who);
        return path.startsWith("/wait/") ? start.waiting(request, who) : start.open(request, who);
    }

    private Answer post(Request request, String path) throws IOException, InterruptedException {
        if (path.equals("/sign-in")) return signIn.signIn(request);
        if (path.equals("/sign-out")) return signIn.signOut(request);
        Optional<Principal> who = request.principal();
        if (!path.startsWith("/app/") || who.isEmpty())
            return means.refusal(
                    request, who.isEmpty() ? 403 : 404, "refused", "This was refused", "Sign in and try again.");
        return renewing(request, start.agreed(request, who.get()));
    }

    private Answer file(Request request, String name) {
        return files.answer(request.head(), name).orElseGet(() -> means.absent(request));
    }

    /// A browser in use stays signed in: past half its life the cookie is replaced.
    private Answer renewing(Request request, Answer answer) {
        if (request.proof() != Proof.COOKIE || !(answer instanceof Answer.Whole whole)) return answer;
        return means.auth()
                .renewed(request.head())
                .map(cookie -> SignInPages.with(whole, cookie))
                .orElse(whole);
    }
}
