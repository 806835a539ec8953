# What is measured, and in which order; sourced by bench/run.

# Every process of the backend: their share of the machine is known, so that strangers' can be told.
pids_of_load() {
    for process in /proc/[0-9]*; do
        [ "$(readlink "$process/exe" 2>/dev/null || true)" -ef "$load" ] 2>/dev/null && printf '%s,' "${process#/proc/}"
    done | sed 's/,$//'
}

to() { cat "$work/$1.to"; }

# $1: proxy, $2: test, $3: seconds, $4: repeat; 0 is for warming and is not written down
measure() {
    case $2 in
    http*) set -- "$@" http --path 1k --connections "${2#http}" ;;
    1m) set -- "$@" http --path 1m --connections 8 ;;
    ws) set -- "$@" ws --connections 64 ;;
    esac
    proxy=$1 test=$2 for_seconds=$3 repeat=$4
    shift 4
    # few large answers over 1,000 routes would meet no kept connection of a session; all get the same few routes
    head -n $ORIGINS "$work/$proxy.routes" >"$work/few.routes"
    routes=$work/$proxy.routes
    [ "$test" != 1m ] || routes=$work/few.routes
    taskset -c 0 "$load" "$@" --to "$(to "$proxy")" --routes "$routes" --seconds "$for_seconds" \
        --cpu "$(cat "$work/$proxy.pids")" --ours "$ours_pids" >"$work/one" 2>"$work/one.err" || {
        head -n 20 "$work/one.err" >&2
        cat "$work/one" >&2
        die "$proxy failed in $test: a wrong answer is not a result"
    }
    [ "$repeat" = 0 ] || sed "s/^{\"test\":\"[a-z]*\"/{\"proxy\":\"$proxy\",\"test\":\"$test\",\"repeat\":$repeat/" "$work/one" >>"$out/raw.jsonl"
}

# A share of the machine above 8 % that went to strangers spoils a measurement; it is then repeated, at most twice.
undisturbed() {
    sed -n 's/.*"seconds":\([0-9.]*\).*"others_s":\([0-9.]*\).*/\1 \2/p' "$work/one" | awk '{ exit !($2 <= 0.16 * $1) }'
}

# Carrel twice: what a compiler learns from one kind of traffic it must partly unlearn with the next. Two programs that
# share a core have half of it each to compile with, so they are given twice the time.
warm_up() {
    say "warming up"
    for proxy in $proxies; do
        rounds=1 length=1
        [ "$proxy" != carrel ] || rounds="1 2" length=$warm
        [ "$proxy" != carrel ] || [ "$target" != hop ] || length=$((2 * warm))
        for round in $rounds; do
            for kind in http16 http64 1m ws http64; do measure "$proxy" $kind $length 0; done
        done
    done
}

# Interleaved, so that a slow minute of the machine hits all alike: for each repeat, each test, every proxy in turn.
run_traffic() {
    repeat=1
    while [ $repeat -le "$repeats" ]; do
        for now in "$@"; do
            for one in $proxies; do
                again=0
                measure "$one" "$now" "$seconds" "$repeat"
                until undisturbed || [ $again -ge 2 ] || [ "$form" = quick ]; do
                    again=$((again + 1))
                    sed -i '$ d' "$out/raw.jsonl"
                    echo "{\"disturbed\":\"$one $now\"}" >>"$out/raw.jsonl"
                    measure "$one" "$now" "$seconds" "$repeat"
                done
            done
        done
        say "round $repeat of $repeats done"
        repeat=$((repeat + 1))
    done
}

rss_kb() { # of comma-separated pids, together
    for pid in $(cat "$work/$1.pids" | tr , ' '); do sed -n 's/^VmRSS:[^0-9]*\([0-9]*\) kB/\1/p' "/proc/$pid/status"; done |
        awk '{ sum += $1 } END { print sum + 0 }'
}

# A Java heap hides growth in room it had already and shows garbage as growth; so it is collected first, and the bytes
# that live in it are told beside.
settle() {
    sleep 1
    [ "$1" = carrel ] || return 0
    "$jdk/bin/jcmd" "$(cat "$work/carrel.jvm")" GC.run >/dev/null
    "$jdk/bin/jcmd" "$(cat "$work/carrel.jvm")" GC.run >/dev/null
}

live_heap_kb() {
    [ "$1" = carrel ] || { echo 0; return; }
    "$jdk/bin/jcmd" "$(cat "$work/carrel.jvm")" GC.heap_info | sed -n 's/.* used \([0-9]*\)K.*/\1/p' | head -n 1
}

run_idle() {
    for proxy in $proxies; do
        [ "$proxy" != nginx-buffered ] || continue
        settle "$proxy"
        before=$(rss_kb "$proxy") heap_before=$(live_heap_kb "$proxy")
        rm -f "$work/hold"
        mkfifo "$work/hold"
        taskset -c 0 "$load" ws --idle --connections "$idle" --to "$(to "$proxy")" --routes "$work/$proxy.routes" \
            <"$work/hold" >"$work/one" 2>"$work/one.err" &
        holder=$!
        exec 8>"$work/hold"
        wait_for "$idle WebSockets through $proxy" still_or_standing "$holder"
        raw=$(rss_kb "$proxy")
        settle "$proxy"
        after=$(rss_kb "$proxy") heap_after=$(live_heap_kb "$proxy")
        exec 8>&-
        wait "$holder" || { cat "$work/one.err" "$work/one" >&2; die "$proxy lost idle WebSockets"; }
        echo "{\"proxy\":\"$proxy\",\"test\":\"idle\",\"repeat\":1,\"sockets\":$idle,\"rss_before_kb\":$before,\"rss_raw_kb\":$raw," \
            "\"rss_after_kb\":$after,\"heap_before_kb\":$heap_before,\"heap_after_kb\":$heap_after}" >>"$out/raw.jsonl"
    done
    say "idle WebSockets done"
}

still_or_standing() {
    kill -0 "$1" 2>/dev/null || { cat "$work/one.err" >&2; die "the holder of idle WebSockets ended"; }
    grep -q '^standing' "$work/one"
}

# A Shiny app: the bare command and Carrel in turn, each on both cores as it would be.
run_start() {
    command -v R >/dev/null && R --no-echo -e 'quit(status = !requireNamespace("shiny", quietly = TRUE))' >/dev/null 2>&1 || {
        say "R with Shiny is missing: the start is not measured (apt-get install r-base-core r-cran-shiny)"
        return 0
    }
    start_carrel_for_starts
    pair=0 # the first of each warms the disk's cache and is not counted
    while [ $pair -le "$pairs" ]; do
        bare_start >"$work/one" || die "the bare command did not become ready"
        [ $pair -eq 0 ] || sed "s/^{\"test\":\"ready\"/{\"proxy\":\"bare\",\"test\":\"start\",\"repeat\":$pair/" "$work/one" >>"$out/raw.jsonl"
        carrel_start >"$work/one" || die "a session did not become ready"
        [ $pair -eq 0 ] || sed "s/^{\"test\":\"start\"/{\"proxy\":\"carrel\",\"test\":\"start\",\"repeat\":$pair/" "$work/one" >>"$out/raw.jsonl"
        pair=$((pair + 1))
    done
    say "starts done"
}

report() {
    {
        echo "{\"machine\":{\"cpu\":\"$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)\",\"cores\":$(getconf _NPROCESSORS_ONLN)," \
            "\"kernel\":\"$(uname -r)\",\"date\":\"$(date -u +%Y-%m-%dT%H:%M:%SZ)\",\"load1\":$(cut -d' ' -f1 /proc/loadavg)," \
            "\"form\":\"$form\",\"target\":\"$target\",\"commit\":\"$(git -C "$root" describe --always --dirty --exclude='*' 2>/dev/null || echo unknown)\"," \
            "\"nginx\":\"$(nginx_version)\",\"haproxy\":\"$(haproxy_version)\",\"chp\":\"$CHP_VERSION\",\"java\":\"$("${jdk:-/usr}/bin/java" -version 2>&1 | sed -n 's/.*version "\([^"]*\)".*/\1/p')\"}}"
        cat "$out/raw.jsonl"
    } >"$work/all.jsonl"
    awk -v json="$out/result.json" -f "$root/bench/lib/report.awk" "$work/all.jsonl" >"$out/result.md"
    cat "$out/result.md"
    say "written: $out/result.md and $out/result.json"
}

nginx_version() { PATH=$PATH:/usr/sbin nginx -v 2>&1 | sed 's/.*nginx\///'; }
haproxy_version() { PATH=$PATH:/usr/sbin haproxy -v | sed -n '1s/.*version \([0-9.]*\).*/\1/p'; }
