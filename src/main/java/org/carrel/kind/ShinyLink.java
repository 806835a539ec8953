package org.carrel.kind;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.carrel.domain.app.App;
import org.carrel.domain.kind.ProxyRules.Marked;
import org.carrel.kind.KindDriver.Site;

/// How the two ends of a link come into a Shiny session, so that its pages survive a cut of their connection
/// (docs/adr/0010). Its files lie in the session's own directory: they stay as they were when this program is replaced,
/// so the two ends of one session are always of one make. They are loaded by the first words of the command that starts
/// the app, behind the user's own profile and before shiny: apps, images and R's library stay as they are.
final class ShinyLink {
    /// Of a linked page's frames only messages are the user's: pings and acknowledgements come by themselves.
    static final Marked MARKED = new Marked("carrel-link=1", 'm');

    /// bytes that R keeps for each page that has not acknowledged them
    static final long KEPT_BYTES = 16L << 20;

    static final Map<String, String> FILES = read(List.of("link.R", "link-shiny.R", "link.js"));

    /// Whatever fails in it is said in the session's log, and the app starts.
    static final String LOAD = """
            local(tryCatch({ d <- Sys.getenv("CARREL_LINK"); if (nzchar(d)) { e <- new.env(parent = baseenv()); \
            for (f in c("link.R", "link-shiny.R")) sys.source(file.path(d, f), e); \
            e$hook(d, as.numeric(Sys.getenv("CARREL_LINK_WINDOW")), as.numeric(Sys.getenv("CARREL_LINK_KEEP"))) } }, \
            error = function(e) message("carrel link: pages of this app will not survive a cut of their connection: ", \
            conditionMessage(e))))""";

    private ShinyLink() {}

    /// Without a window nothing is loaded.
    static Map<String, String> environment(App app, Site site) {
        return app.resumeWindow()
                .map(window -> Map.of(
                        "CARREL_LINK", site.baseDirectory(),
                        "CARREL_LINK_WINDOW", Long.toString(window.toSeconds()),
                        "CARREL_LINK_KEEP", Long.toString(KEPT_BYTES)))
                .orElse(Map.of());
    }

    private static Map<String, String> read(List<String> names) {
        Map<String, String> files = new LinkedHashMap<>();
        for (String name : names) {
            try (InputStream in = ShinyLink.class.getResourceAsStream("/link/" + name)) {
                if (in == null) throw new IllegalStateException("the program lacks its file link/" + name);
                files.put(name, new String(in.readAllBytes(), StandardCharsets.UTF_8));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return Map.copyOf(files);
    }
}
