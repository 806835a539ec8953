# Medians, spans and ratios from lines of JSON (flat objects, one a line) to a Markdown table; -v json=FILE for the same
# as JSON. A ratio is of medians within this run; below 1 is less than the peer.

function text(name,   at) { return match($0, "\"" name "\":\"[^\"]*\"") ? substr($0, RSTART + length(name) + 4, RLENGTH - length(name) - 5) : "" }
function value(name) { return match($0, "\"" name "\":[0-9.]+") ? substr($0, RSTART + length(name) + 3, RLENGTH - length(name) - 3) + 0 : 0 }

function add(proxy, test, figure,   key) {
    key = proxy SUBSEP test
    figures[key, ++n[key]] = figure
    if (!(proxy in seen_proxy)) { seen_proxy[proxy] = 1; proxies[++np] = proxy }
    if (!(test in seen_test)) { seen_test[test] = 1; tests[++nt] = test }
}

# @return the median; leaves low and high
function median(proxy, test,   key, i, k, held, sorted) {
    key = proxy SUBSEP test
    if (!n[key]) return -1
    for (i = 1; i <= n[key]; i++) {
        held = figures[key, i]
        for (k = i - 1; k >= 1 && sorted[k] > held; k--) sorted[k + 1] = sorted[k]
        sorted[k + 1] = held
    }
    low = sorted[1]; high = sorted[n[key]]
    return n[key] % 2 ? sorted[(n[key] + 1) / 2] : (sorted[n[key] / 2] + sorted[n[key] / 2 + 1]) / 2
}

function title(test) {
    if (test ~ /^http/) return "1 KiB, " substr(test, 5) " connections: CPU-s per 100k requests"
    if (test == "rps64") return "the same, requests per second of one core"
    if (test == "1m") return "1 MiB, 8 connections: CPU-s per GB"
    if (test == "ws") return "WebSocket echo, 64 sockets: CPU-s per 100k echoes"
    if (test == "idle") return "idle WebSockets: KB of RSS each"
    if (test == "heap") return "idle WebSockets: KB of live heap each (Java)"
    if (test == "base") return "RSS before them, MB"
    if (test == "p99") return "1 KiB, 64 connections: p99, ms"
    return test
}

function ratio(test, peer,   ours, theirs) {
    ours = median("carrel", test); theirs = median(peer, test)
    return ours < 0 || theirs <= 0 ? "" : sprintf("%.2f", ours / theirs)
}

function cell(proxy, test, digits,   m) {
    m = median(proxy, test)
    if (m < 0) return "-"
    if (n[proxy, test] == 1) return sprintf("%.*f", digits, m)
    return sprintf("%.*f [%.*f-%.*f]", digits, m, digits, low, digits, high)
}

function digits_of(test) { return test ~ /^(rps|base)/ ? 0 : test ~ /^(idle|heap|p99)/ ? 1 : 2 }

function judge(what, measured, limit, unit) {
    if (measured == "") return
    printf "| %s | %s%s | %s%s | %s |\n", what, measured, unit, limit, unit, measured + 0 <= limit + 0 ? "met" : "**missed**"
    verdicts = verdicts (verdicts == "" ? "" : ",") sprintf("{\"line\":\"%s\",\"measured\":%s,\"limit\":%s,\"met\":%s}", what, measured, limit, measured + 0 <= limit + 0 ? "true" : "false")
}

/"machine":/ { machine = $0 }
/"disturbed":/ { disturbed++ }
/"proxy":/ {
    proxy = text("proxy"); test = text("test")
    if (value("seconds")) { strangers += value("others_s"); measured_s += value("seconds") }
    if (test ~ /^http/) {
        add(proxy, test, 1e5 * value("cpu_s") / value("requests"))
        if (test == "http64") { add(proxy, "rps64", value("requests") / value("seconds")); add(proxy, "p99", value("p99_us") / 1000) }
    }
    if (test == "1m") add(proxy, test, 1e9 * value("cpu_s") / value("bytes"))
    if (test == "ws") add(proxy, test, 1e5 * value("cpu_s") / value("requests"))
    if (test == "idle") {
        grown = value("rss_after_kb") - value("rss_before_kb")
        add(proxy, "idle", (grown > 0 ? grown : 0) / value("sockets"))
        if (proxy == "carrel") add(proxy, "heap", (value("heap_after_kb") - value("heap_before_kb")) / value("sockets"))
        add(proxy, "base", value("rss_before_kb") / 1024)
    }
    if (test == "start") {
        starts[proxy, ++ns[proxy]] = value("ms")
        add("start:" proxy, "ready", value("ms"))
        if (proxy == "carrel") add("start:carrel", "page", value("page_ms"))
    }
}

END {
    $0 = machine
    cores = value("cores")
    gateway = text("target") == "gateway"
    printf "%s, %d cores, Linux %s, %s; Carrel %s (%s), nginx %s, HAProxy %s, configurable-http-proxy %s, JDK %s; %s form.\n\n", text("cpu"),
        value("cores"), text("kernel"), substr(text("date"), 1, 10), text("commit"),
        text("target") == "hop" ? "two nodes, mutual TLS between them, 32 sessions on the farther one" : gateway ? "gateway alone, 5,000 routes" : "`carrel up`, 32 sessions", text("nginx"), text("haproxy"), text("chp"), text("java"), text("form")
    printf "Medians [lowest-highest]; less is better but for requests per second. The last columns are Carrel's median by the peer's.\n\n"
    head = "| |"; line = "|---|"
    for (p = 1; p <= np; p++) if (proxies[p] !~ /^(start:|bare)/) { shown[++nshown] = proxies[p]; head = head " " proxies[p] " |"; line = line "---|" }
    print head " / nginx | / haproxy | / chp |"
    print line "---|---|---|"
    split("http16 http64 http256 rps64 p99 1m ws idle heap base", order, " ")
    for (t = 1; t in order; t++) {
        test = order[t]
        if (!(test in seen_test)) continue
        row = "| " title(test) " |"
        measured = ""
        for (p = 1; p <= nshown; p++) {
            row = row " " cell(shown[p], test, digits_of(test)) " |"
            m = median(shown[p], test)
            if (m >= 0) measured = measured (measured == "" ? "" : ",") sprintf("\"%s\":{\"median\":%.4f,\"low\":%.4f,\"high\":%.4f,\"runs\":%d}", shown[p], m, low, high, n[shown[p], test])
        }
        print row " " ratio(test, "nginx") " | " ratio(test, "haproxy") " | " ratio(test, "chp") " |"
        results = results (results == "" ? "" : ",") "\"" test "\":{" measured "}"
    }
    if (ns["bare"]) {
        printf "\nStart of a Shiny session, %d alternating pairs: bare command ready after %s ms; Carrel's session ready after %s ms, its first page after %s ms.\n",
            ns["bare"], cell("start:bare", "ready", 0), cell("start:carrel", "ready", 0), cell("start:carrel", "page", 0)
        overhead = sprintf("%.0f", median("start:carrel", "ready") - median("start:bare", "ready"))
        results = results (results == "" ? "" : ",") "\"start\":{\"bare_ms\":" median("start:bare", "ready") ",\"carrel_ms\":" median("start:carrel", "ready") "}"
    }
    print "\n| line | measured | wanted, at most | |\n|---|---|---|---|"
    if (text("target") == "hop") {
        judge("two hops, CPU per request at 64 connections, of HAProxy's", ratio("http64", "haproxy"), "1.30", "x")
        judge("two hops, WebSocket echo, of HAProxy's", ratio("ws", "haproxy"), "1.30", "x")
        judge("two hops, 1 MiB, of HAProxy's", ratio("1m", "haproxy"), "1.30", "x")
    } else {
    judge("CPU per request at 64 connections, of nginx's", ratio("http64", "nginx"), "1.00", "x")
    judge("WebSocket echo, of nginx's", ratio("ws", "nginx"), "1.25", "x")
    judge("1 MiB, of HAProxy's", ratio("1m", "haproxy"), "0.80", "x")
    }
    if (median("carrel", "idle") >= 0) judge("an idle WebSocket", sprintf("%.1f", median("carrel", "idle") > median("carrel", "heap") ? median("carrel", "idle") : median("carrel", "heap")), "8.0", " KB")
    if (overhead != "") judge("a Shiny session ready after the bare command", overhead, "150", " ms")
    if (disturbed) printf "\n%d measurements were repeated because other processes took more than 8 %% of the machine meanwhile.\n", disturbed
    share = measured_s ? 100 * strangers / (measured_s * cores) : 0
    if (share > 8) printf "\n**Not to be quoted**: other processes took %.0f %% of the machine while it was measured.\n", share
    sub(/}$/, "", machine)
    printf "%s,\"disturbed\":%d,\"strangers_percent\":%.1f,\"results\":{%s},\"lines\":[%s]}\n", machine, disturbed + 0, share, results, verdicts > json
}
