package org.carrel.face.maat;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import org.carrel.port.OsHost;
import org.carrel.port.OsProcess;

/// `/v1/data`, in the shapes of psutil that the old agent gave out. Times are seconds since 1970 with a fraction, sizes
/// bytes, shares percent.
///
/// ```
/// {"processes": {user: [{username, cpu_percent, memory_percent, memory_info: {rss, vms, shared, text, lib, data,
///                        dirty}, pid, ppid, create_time, cwd, num_threads, cmdline: [word, …], exe, name}, …]},
///  "nb_process": n, "processes_timestamp": t,
///  "requests": {user: [t, …]}, "nb_requests": n, "requests_timestamp": t,
///  "nb": nb_process + nb_requests,
///  "host": {cpu_percent, cpu_nb, memory_total, memory_used, memory_free, memory_available, memory_percent,
///           swap_total, swap_used, swap_free, swap_percent}, "host_timestamp": t,
///  "timestamp": t, "max_process_by_user": n}
/// ```
///
/// `memory_info` is an object, `cwd` and `exe` are `null` where they may not be read, `lib` and `dirty` are 0, as Linux
/// gives them since 2.6. A user without processes or requests isn't there.
final class DataText {
    private static final JsonFactory JSON = new JsonFactory();

    private DataText() {}

    static byte[] of(
            Lookout.Look look, SortedMap<String, List<Instant>> requests, Instant changed, int most, Instant now)
            throws IOException {
        int processes = look.processes().values().stream().mapToInt(List::size).sum();
        int requested = requests.values().stream().mapToInt(List::size).sum();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(4 << 10);
        try (JsonGenerator json = JSON.createGenerator(bytes)) {
            json.writeStartObject();
            json.writeNumberField("processes_timestamp", seconds(look.at()));
            json.writeObjectFieldStart("processes");
            for (Map.Entry<String, List<OsProcess>> user : look.processes().entrySet()) {
                json.writeArrayFieldStart(user.getKey());
                for (OsProcess process : user.getValue()) process(json, process, look.host());
                json.writeEndArray();
            }
            json.writeEndObject();
            json.writeNumberField("nb_process", processes);
            json.writeObjectFieldStart("requests");
            for (Map.Entry<String, List<Instant>> user : requests.entrySet()) {
                json.writeArrayFieldStart(user.getKey());
                for (Instant asked : user.getValue()) json.writeNumber(seconds(asked));
                json.writeEndArray();
            }
            json.writeEndObject();
            json.writeNumberField("nb_requests", requested);
            json.writeNumberField("requests_timestamp", seconds(changed));
            json.writeNumberField("nb", processes + requested);
            host(json, look.host());
            json.writeNumberField("host_timestamp", seconds(look.at()));
            json.writeNumberField("timestamp", seconds(now));
            json.writeNumberField("max_process_by_user", most);
            json.writeEndObject();
        }
        return bytes.toByteArray();
    }

    private static void process(JsonGenerator json, OsProcess process, OsHost host) throws IOException {
        json.writeStartObject();
        json.writeStringField("username", process.user());
        json.writeNumberField("cpu_percent", tenths(process.cpuPercent()));
        json.writeNumberField("memory_percent", share(process.memory().resident(), host.memory()));
        json.writeObjectFieldStart("memory_info");
        json.writeNumberField("rss", process.memory().resident());
        json.writeNumberField("vms", process.memory().virtual());
        json.writeNumberField("shared", process.memory().shared());
        json.writeNumberField("text", process.memory().text());
        json.writeNumberField("lib", 0);
        json.writeNumberField("data", process.memory().data());
        json.writeNumberField("dirty", 0);
        json.writeEndObject();
        json.writeNumberField("pid", process.pid());
        json.writeNumberField("ppid", process.parent());
        json.writeNumberField("create_time", seconds(process.created()));
        json.writeStringField("cwd", process.cwd().orElse(null));
        json.writeNumberField("num_threads", process.threads());
        json.writeArrayFieldStart("cmdline");
        for (String word : process.words()) json.writeString(word);
        json.writeEndArray();
        json.writeStringField("exe", process.exe().orElse(null));
        json.writeStringField("name", process.name());
        json.writeEndObject();
    }

    private static void host(JsonGenerator json, OsHost host) throws IOException {
        json.writeObjectFieldStart("host");
        json.writeNumberField("cpu_percent", tenths(host.cpuPercent()));
        json.writeNumberField("cpu_nb", host.cores());
        json.writeNumberField("memory_total", host.memory());
        json.writeNumberField("memory_used", host.used());
        json.writeNumberField("memory_free", host.free());
        json.writeNumberField("memory_available", host.available());
        json.writeNumberField("memory_percent", tenths(share(host.memory() - host.available(), host.memory())));
        json.writeNumberField("swap_total", host.swap());
        json.writeNumberField("swap_used", host.swap() - host.swapFree());
        json.writeNumberField("swap_free", host.swapFree());
        json.writeNumberField("swap_percent", tenths(share(host.swap() - host.swapFree(), host.swap())));
        json.writeEndObject();
    }

    private static double share(long part, long whole) {
        return whole <= 0 ? 0 : 100.0 * part / whole;
    }

    private static double tenths(double percent) {
        return Math.round(percent * 10) / 10.0;
    }

    /// to microseconds, as far as a double goes
    private static double seconds(Instant at) {
        return at.getEpochSecond() + at.getNano() / 1_000 / 1e6;
    }
}
