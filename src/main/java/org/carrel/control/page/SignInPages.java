package org.carrel.control.page;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.carrel.api.ApiWords;
import org.carrel.auth.Cookies;
import org.carrel.auth.Csrf;
import org.carrel.auth.SignIn.Outcome;
import org.carrel.control.Problems;
import org.carrel.control.page.Facts.SignInFacts;
import org.carrel.control.page.Facts.SignOutFacts;
import org.carrel.domain.route.SafePath;
import org.carrel.http.Answer;
import org.carrel.http.Header;
import org.carrel.http.Request;
import org.carrel.http.Request.Proof;
import org.carrel.port.Audit.Entry;
import org.carrel.port.Audit.What;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// `/sign-in` and `/sign-out`.
final class SignInPages {
    private static final Logger LOG = LoggerFactory.getLogger(SignInPages.class);
    private final PageMeans means;

    SignInPages(PageMeans means) {
        this.means = means;
    }

    Answer show(Request request) {
        String next = SafePath.orRoot(request.parameters().getOrDefault("next", "/"));
        if (Navigation.fromElsewhere(request.head())) next = StartPages.askingFirst(next);
        if (request.principal().isPresent() && request.proof() == Proof.COOKIE) return PageWriter.redirect(302, next);
        boolean out = request.parameters().containsKey("out");
        return form(request, 200, next, "", out ? "signed-out" : "", "", Optional.empty());
    }

    Answer signIn(Request request) throws IOException, InterruptedException {
        Optional<String> foreign = Csrf.foreign(request.head());
        if (foreign.isPresent())
            return means.refusal(request, 403, "refused", "Not signed in", "Sign in on our own page: " + foreign.get());
        Optional<Form> form = Form.read(request);
        if (form.isEmpty())
            return form(request, 400, "/", "", "form", "The form was damaged; try again", Optional.empty());
        String next = SafePath.orRoot(form.get().field("next"));
        String user = form.get().field("user");
        return switch (means.auth().signIn().attempt(user, form.get().field("password"), request.head())) {
            case Outcome.Welcome(var account) -> {
                // whoever was signed in here before is out: a sign-in is never continued as somebody else
                means.auth().signOut(request.head());
                yield with(PageWriter.redirect(303, next), means.auth().welcome(account, request.head()));
            }
            case Outcome.Wrong() ->
                form(request, 401, next, user, "wrong", "Name or password is wrong", Optional.empty());
            case Outcome.Wait(var left) ->
                form(request, 429, next, user, "wait", "Too many attempts; wait a little", Optional.of(left));
            case Outcome.Busy(var left) ->
                form(request, 503, next, user, "busy", "Many are signing in just now; try again", Optional.of(left));
        };
    }

    /// A page with the button: a GET alone signs nobody out.
    Answer offerSignOut(Request request) {
        return request.principal()
                .<Answer>map(who -> means.writer()
                        .page(request.head(), 200, new SignOutFacts(means.title(), means.me(request, who))))
                .orElseGet(() -> PageWriter.redirect(302, "/sign-in?out"));
    }

    Answer signOut(Request request) throws IOException {
        boolean script = request.head().header(ApiWords.CSRF_HEADER).isPresent();
        if (request.proof() == Proof.COOKIE) {
            Optional<String> objection = script
                    ? means.auth().csrf().objection(request)
                    : means.auth()
                            .csrf()
                            .objectionToForm(
                                    request,
                                    Form.read(request)
                                            .map(it -> it.field("csrf"))
                                            .orElse(""));
            if (objection.isPresent())
                return script
                        ? Problems.named(request.head(), 403, "not-meant", objection.get())
                        : means.refusal(request, 403, "refused", "Still signed in", objection.get());
            means.auth().signOut(request.head());
            request.principal()
                    .ifPresent(who -> means.audit()
                            .note(Entry.of(What.SIGN_OUT, who.user(), Entry.OK).asked(request.head())));
            request.principal()
                    .ifPresent(who -> LOG.info(
                            "signed out user={} request={}",
                            who.user(),
                            request.head().id()));
        }
        Answer.Whole answer = script ? Answer.empty(204) : PageWriter.redirect(303, "/sign-in?out");
        return with(answer, Cookies.clear(request.head().scheme(), Cookies.PORTAL));
    }

    private Answer.Whole form(
            Request request,
            int status,
            String next,
            String user,
            String problem,
            String message,
            Optional<Duration> retryAfter) {
        Optional<Long> seconds =
                retryAfter.map(it -> Math.max(1, it.plusMillis(999).toSeconds()));
        SignInFacts facts = new SignInFacts(
                means.title(),
                next,
                user.isEmpty() || user.length() > 64 ? null : user,
                problem.isEmpty() ? null : problem,
                message.isEmpty() ? null : message,
                seconds.orElse(null));
        Answer.Whole page = means.writer().page(request.head(), status, facts);
        return seconds.isPresent() ? page.with("Retry-After", seconds.get().toString()) : page;
    }

    static Answer.Whole with(Answer.Whole answer, Header header) {
        return answer.with(header.name(), header.value());
    }

    static Answer.Whole with(Answer.Whole answer, List<Header> headers) {
        Answer.Whole more = answer;
        for (Header header : headers) more = with(more, header);
        return more;
    }
}
