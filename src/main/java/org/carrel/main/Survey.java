package org.carrel.main;

import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.carrel.api.ApiClient;
import org.carrel.api.ApiException;
import org.carrel.api.ApiWords;
import org.carrel.api.ServerAddress;
import org.carrel.api.SessionInfo;
import org.carrel.api.TokenAnswer;
import org.carrel.api.TokenRequest;
import org.jspecify.annotations.Nullable;

/// What runs on the demo and who is connected, as its administrator sees it.
final class Survey {
    private static final String EVERYBODYS = ApiWords.SESSIONS + "?all=true";
    private static final String OPEN_PAGES = "carrel_websockets ";

    private final ServerAddress address;
    private final String password;
    private @Nullable ApiClient admin;

    Survey(ServerAddress address, String password) {
        this.address = address;
        this.password = password;
    }

    /// @param processes pid of each ready session by its id
    /// @param pages     open WebSockets: the pages somebody looks at
    record Found(Map<String, Long> processes, int pages) {
        Found {
            processes = Map.copyOf(processes);
        }
    }

    /// @param sessionsKept go on in the same process
    record Survived(int sessions, int sessionsKept, int pages, int pagesBack) {
        @Override
        public String toString() {
            return sessionsKept + " of " + sessions + " sessions go on, the same processes · " + pagesBack + " of "
                    + pages + " live pages are back";
        }
    }

    boolean isReady() throws IOException {
        try {
            ApiClient.anonymous(address).text("/health/ready");
            return true;
        } catch (IOException notYet) {
            return false;
        }
    }

    Found look() throws IOException {
        Map<String, Long> processes = new HashMap<>();
        for (SessionInfo session : sessions())
            if (session.state().equals("ready") && session.pid() != null) processes.put(session.id(), session.pid());
        return new Found(processes, openPages());
    }

    /// Looks until as many pages are open, or the time is up.
    Found lookUntil(int pages, Duration patience) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + patience.toNanos();
        while (openPages() < pages && System.nanoTime() < deadline) TimeUnit.MILLISECONDS.sleep(50);
        return look();
    }

    static Survived compare(Found before, Found after) {
        int kept = 0;
        for (Map.Entry<String, Long> session : before.processes().entrySet())
            if (session.getValue().equals(after.processes().get(session.getKey()))) kept++;
        return new Survived(before.processes().size(), kept, before.pages(), Math.min(before.pages(), after.pages()));
    }

    private List<SessionInfo> sessions() throws IOException {
        try {
            return client().list(EVERYBODYS, SessionInfo.class);
        } catch (ApiException refused) {
            if (refused.status() != 401) throw refused;
            admin = null;
            return client().list(EVERYBODYS, SessionInfo.class);
        }
    }

    private ApiClient client() throws IOException {
        ApiClient known = admin;
        if (known != null) return known;
        TokenAnswer token = ApiClient.withPassword(address, "admin", password.toCharArray())
                .post(ApiWords.TOKENS, new TokenRequest(List.of("use", "admin"), null), TokenAnswer.class);
        return admin = ApiClient.withToken(address, token.token());
    }

    private int openPages() throws IOException {
        for (String line : ApiClient.anonymous(address).text("/metrics").split("\n"))
            if (line.startsWith(OPEN_PAGES)) return (int) Double.parseDouble(line.substring(OPEN_PAGES.length()));
        throw new IOException("/metrics doesn't tell " + OPEN_PAGES.strip());
    }
}
