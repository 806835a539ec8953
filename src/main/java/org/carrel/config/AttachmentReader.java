package org.carrel.config;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.carrel.domain.app.Attachment;
import org.carrel.domain.kind.KindId;
import org.carrel.domain.session.Endpoint;
import org.carrel.domain.user.UserId;

/// Reads what an app says of a server that runs already: `rserver`, `secure-cookie-key` and `accounts`.
final class AttachmentReader {
    private static final KindId RSTUDIO = new KindId("rstudio");
    private static final Pattern LOOPBACK = Pattern.compile("(?:(?:127\\.0\\.0\\.1|localhost):)?([0-9]{1,5})");

    private AttachmentReader() {}

    /// @return empty where there is none, or not a whole one: then findings hold an error
    static Optional<Attachment> read(Form form, Optional<KindId> kind, boolean service) {
        Optional<Endpoint> server = form.value("rserver", AttachmentReader::server);
        Optional<String> key = form.value("secure-cookie-key", AttachmentReader::keyFile);
        Map<String, String> accounts = form.texts("accounts");
        for (Map.Entry<String, String> one : accounts.entrySet()) {
            if (!one.getKey().equals(Attachment.EVERYBODY) && !UserId.isWellFormed(one.getKey()))
                form.error("accounts", "holds \"" + Tree.shown(one.getKey()) + "\", which can't be a user's name");
            if (!Attachment.isAccount(one.getValue()))
                form.error("accounts", "holds \"" + Tree.shown(one.getValue()) + "\", which can't be an account");
        }
        if (!form.has("rserver")) {
            for (String other : List.of("secure-cookie-key", "accounts"))
                if (form.has(other)) form.error(other, "has a meaning with rserver only: the server that runs already");
            return Optional.empty();
        }
        if (kind.isPresent() && !kind.get().equals(RSTUDIO) || service) {
            form.error("rserver", "has a meaning for users' apps of the kind rstudio only");
            return Optional.empty();
        }
        if (!form.has("secure-cookie-key"))
            form.error(
                    "rserver",
                    "needs secure-cookie-key, the file by which rserver knows its users; usually"
                            + " /var/lib/rstudio-server/secure-cookie-key, the same on all machines");
        if (accounts.isEmpty())
            form.error(
                    "rserver",
                    "needs accounts, who has which account of the machine: {ada: alovelace}; {\"*\": \"*\"} gives"
                            + " everybody the one of their own name");
        if (server.isEmpty() || key.isEmpty() || accounts.isEmpty() || accounts.size() > Attachment.ACCOUNTS_MOST)
            return Optional.empty();
        if (!accounts.values().stream().allMatch(Attachment::isAccount)) return Optional.empty();
        return Optional.of(new Attachment(server.get(), key.get(), accounts));
    }

    private static Endpoint server(String text) {
        if (text.startsWith("/")) return new Endpoint.Unix(text);
        Matcher port = LOOPBACK.matcher(text);
        if (!port.matches() || !isPort(Integer.parseInt(port.group(1))))
            throw new IllegalArgumentException("must be the path of a socket (www-socket) or a port of loopback, as"
                    + " /run/rstudio-server/rserver.sock or 127.0.0.1:8787, not \"" + Tree.shown(text) + "\"");
        return new Endpoint.Tcp(Integer.parseInt(port.group(1)));
    }

    private static boolean isPort(int number) {
        return number >= 1 && number <= 65_535;
    }

    private static String keyFile(String text) {
        if (!text.startsWith("/"))
            throw new IllegalArgumentException("must be the absolute path of a file, not \"" + Tree.shown(text) + "\"");
        return text;
    }
}
