package org.carrel.face.maat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.carrel.api.Json;
import org.carrel.http.Answer;
import org.carrel.http.Handler;
import org.carrel.http.Request;
import org.carrel.port.OsWatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Answers Maât's balancers; see the package. From any thread. Who may ask is decided by the address they come from, at
/// every request, before anything else.
public final class MaatFace implements Handler {
    /// requests answered in one second, of all askers together; over it 429
    static final int PER_SECOND = 500;
    /// of a user's name, which may be one of a directory service
    static final int NAME_MOST = 256;

    private static final Logger log = LoggerFactory.getLogger(MaatFace.class);
    private static final String VERSION = "v1";
    private static final Pattern NEW = Pattern.compile("/v1/new_requests/([^/]+)/(\\d+)(?:/(\\d+))?");
    private static final long LOG_EVERY_SECONDS = 60;

    /// @param process          the name that is counted
    /// @param processesPerUser at most, requests counted with them
    /// @param life             of a request
    /// @param mayAsk           whether this address may, loopback apart, which always may
    public record Rules(String process, int processesPerUser, Duration life, Predicate<InetAddress> mayAsk) {}

    private final Rules rules;
    private final InstantSource time;
    private final Lookout lookout;
    private final Requests requests;
    private final Object counting = new Object();
    private final Map<Requests.Answer, LongAdder> asked = new EnumMap<>(Requests.Answer.class);
    private final LongAdder strangers = new LongAdder();
    private final LongAdder hasty = new LongAdder();
    private final AtomicLong second = new AtomicLong();
    private final AtomicLong inSecond = new AtomicLong();
    private final AtomicLong lastSaid = new AtomicLong(Long.MIN_VALUE);

    public MaatFace(Rules rules, OsWatch watch, InstantSource time) {
        this.rules = rules;
        this.time = time;
        lookout = new Lookout(watch, rules.process(), time);
        requests = new Requests(new Requests.Rules(rules.processesPerUser(), rules.life()));
        for (Requests.Answer answer : Requests.Answer.values()) asked.put(answer, new LongAdder());
    }

    @Override
    public Answer answer(Request request) throws IOException {
        InetAddress from = request.head().remote();
        if (!from.isLoopbackAddress() && !rules.mayAsk().test(from)) {
            strangers.increment();
            sayNow("maat refused a stranger from={} refused={}", from.getHostAddress(), strangers.sum());
            return Answer.text(403, "403: this address isn't in faces.maat.from\n");
        }
        if (isHasty()) {
            hasty.increment();
            sayNow("maat is asked too often from={} refused={}", from.getHostAddress(), hasty.sum());
            return Answer.text(429, "429: more than " + PER_SECOND + " requests in a second\n")
                    .with("Retry-After", "1");
        }
        String method = request.head().method();
        String path = request.head().path();
        boolean get = method.equals("GET");
        if (!get && !method.equals("HEAD")) return wrongMethod("GET, HEAD");
        return switch (path) {
            case "/ping", "/v1/ping" -> Answer.text(200, "OK");
            case "/info" -> Answer.json(200, Json.bytes(new Info(rules.process(), VERSION)));
            case "/v1/data" -> data();
            default -> {
                Matcher fresh = NEW.matcher(path);
                if (!fresh.matches()) yield Answer.text(404, "404: no such path; see docs/guide/maat.md\n");
                // it would register
                if (!get) yield wrongMethod("GET");
                yield register(fresh.group(1), fresh.group(2), fresh.group(3) == null ? "0" : fresh.group(3));
            }
        };
    }

    /// as the old agent says it
    private record Info(String process_name, String version) {}

    private static Answer wrongMethod(String allowed) {
        return Answer.text(405, "405: only " + allowed + "\n").with("Allow", allowed);
    }

    private Answer data() throws IOException {
        Lookout.Look look = lookout.look();
        Instant now = time.instant();
        SortedMap<String, List<Instant>> alive;
        Instant changed;
        synchronized (counting) {
            requests.forget(look.created(), now);
            alive = requests.alive();
            changed = requests.changed();
        }
        return Answer.json(200, DataText.of(look, alive, changed, rules.processesPerUser(), now))
                .with("Cache-Control", "no-store");
    }

    private Answer register(String encoded, String known, String force) throws IOException {
        String user;
        try {
            // a plus is a plus in a path
            user = URLDecoder.decode(encoded.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException malformed) {
            return Answer.text(400, "400: the user's name is badly encoded\n");
        }
        if (user.length() > NAME_MOST || !user.codePoints().allMatch(MaatFace::isOfName))
            return Answer.text(
                    400, "400: a user's name has at most " + NAME_MOST + " characters, none of them a control\n");
        boolean forced = number(force) > 0;
        Lookout.Look look = lookout.look();
        Requests.Answer answer;
        synchronized (counting) {
            answer = requests.ask(user, number(known), forced, look.created(), time.instant());
        }
        Objects.requireNonNull(asked.get(answer)).increment();
        log.info("maat request user=\"{}\" known={} forced={} answer={}", user, number(known), forced, answer);
        return Answer.json(200, Json.bytes(answer == Requests.Answer.GRANTED)).with("Cache-Control", "no-store");
    }

    /// No control, no line end, nothing invisible that would change how a log line looks.
    private static boolean isOfName(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.SURROGATE,
                    Character.PRIVATE_USE,
                    Character.UNASSIGNED -> false;
            default -> c != '"' && c != 0xfffd;
        };
    }

    /// @param digits only digits, any number of them; what is too large to count by is very large
    private static long number(String digits) {
        return digits.length() > 15 ? Long.MAX_VALUE / 2 : Long.parseLong(digits);
    }

    private boolean isHasty() {
        long now = time.instant().getEpochSecond();
        if (second.getAndSet(now) != now) inSecond.set(0);
        return inSecond.incrementAndGet() > PER_SECOND;
    }

    /// At most once a minute: who asks at random must not fill the disk.
    private void sayNow(String sentence, Object from, long count) {
        long now = time.instant().getEpochSecond();
        long before = lastSaid.get();
        if (before != Long.MIN_VALUE && now - before < LOG_EVERY_SECONDS || !lastSaid.compareAndSet(before, now))
            return;
        log.warn(sentence, from, count);
    }

    /// answers to `new_requests`, by their word
    public Map<String, LongAdder> asked() {
        Map<String, LongAdder> words = new TreeMap<>();
        asked.forEach((answer, count) ->
                words.put(answer.name().toLowerCase(Locale.ROOT).replace('_', '-'), count));
        return words;
    }

    /// refused by their address
    public long strangers() {
        return strangers.sum();
    }

    /// refused by `PER_SECOND`
    public long hasty() {
        return hasty.sum();
    }

    /// users on their way
    public int waiting() {
        synchronized (counting) {
            return requests.count();
        }
    }
}
