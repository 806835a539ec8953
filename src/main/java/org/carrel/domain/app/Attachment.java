package org.carrel.domain.app;

import static org.carrel.domain.Require.require;

import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.carrel.domain.session.Endpoint;
import org.carrel.domain.user.UserId;

/// A server that runs on the machine already, started by somebody else, in which every account has a session of its
/// own: RStudio's `rserver`.
/// @param server   where it listens, on every machine that has it
/// @param key      path of the file by which users' sign-ons are signed; the same file on all machines
/// @param accounts who has which account of the machine. `EVERYBODY` stands for whoever isn't named, and as an account
///                 for the one of the user's own name; who has none may not use the app
public record Attachment(Endpoint server, String key, Map<String, String> accounts) {
    public static final String EVERYBODY = "*";
    public static final int ACCOUNTS_MOST = 10_000;

    private static final Pattern ACCOUNT = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.@\\\\+-]{0,63}");

    public Attachment {
        accounts = Map.copyOf(accounts);
        require(key.startsWith("/"), "the key's file must be an absolute path, not " + key);
        require(!accounts.isEmpty() && accounts.size() <= ACCOUNTS_MOST, "1 to " + ACCOUNTS_MOST + " accounts");
        accounts.values().forEach(account -> require(isAccount(account), "not the name of an account: " + account));
    }

    public static boolean isAccount(String name) {
        return name.equals(EVERYBODY) || ACCOUNT.matcher(name).matches();
    }

    /// @return empty when this user has none
    public Optional<String> accountOf(UserId user) {
        String named = accounts.get(user.value());
        String account = named == null ? accounts.get(EVERYBODY) : named;
        if (account == null) return Optional.empty();
        String own = account.equals(EVERYBODY) ? user.value() : account;
        return ACCOUNT.matcher(own).matches() ? Optional.of(own) : Optional.empty();
    }
}
