# Our side; sourced by bench/run. Leaves carrel.to, carrel.pids, carrel.routes and carrel.jvm in $work.

# bcrypt of PASSWORD: an account of an instance that lives on loopback for minutes
PASSWORD=bench-and-nothing-else
HASH='$2y$10$J9Hq2eMk0cVnT4sXw7ZbUu2rgJKt/J2W.9wU55L9EQhj1sVE5pkDG'

build_carrel() {
    [ -z "${CARREL_BENCH_PROGRAM:-}" ] && program=$root/carrel || program=$CARREL_BENCH_PROGRAM
    if [ $target != gateway ]; then "$program" build; else harness_classes; fi
    jdk=$(jdk_home)
}

# Where ./carrel finds its JDK, ours does too.
jdk_home() {
    for home in "${CARREL_JAVA_HOME:-}" "${JAVA_HOME:-}" /usr/lib/jvm/*25*; do
        grep -q '^JAVA_VERSION="25' "$home/release" 2>/dev/null && { echo "$home"; return; }
    done
    dirname "$(dirname "$(readlink -f "$(command -v java)")")"
}

start_carrel() { if [ $target = up ]; then start_up; else start_harness; fi; }

# ---- as users run it: carrel up, sign-in, agent, one session of kind web for each origin, metrics, limits
settings() { # $1: port, $2: name of the state below $work, $3: more of the node
    mkdir -p "$work/$2"
    printf 'bench:%s:\n' "$HASH" >"$work/$2/users"
    chmod 644 "$work/$2/users"
    cat <<END
listen: 127.0.0.1:$1
sign-in: {file: $work/$2/users}
state-directory: $work/$2/state
run-directory: $work/$2/run
node: {${3:-}capacity: {cpu: 16, starts: 4}}
apps-directory: $work/$2/apps
apps:
  faithful: {kind: shiny, path: $work/faithful, memory: 300M}
END
    i=0
    while [ $i -lt $ORIGINS ]; do
        # the backend belongs to core 0, whoever starts it
        printf '  b%d: {kind: web, memory: 16M, command: [taskset, -c, "0", %s, serve, --unix, "{socket}", --mark, "%s"]}\n' \
            $i "$load" "$(mark_of $i)"
        i=$((i + 1))
    done
}

mark_of() { awk -v i="$1" 'BEGIN { printf "%c", 48 + i }' </dev/null; }

start_up() {
    # sessions run as users of their own and must be able to run it, wherever this tree lies
    cp "$load" "$work/load"
    load=$work/load
    mkdir -p "$work/faithful"
    cp "$root"/bench/lib/faithful.R "$work/faithful/app.R"
    chmod 755 "$work/load" "$work/faithful"
    settings "$CARREL_PORT" up >"$work/carrel.yaml"
    taskset -c 1 "$program" up --config "$work/carrel.yaml" >"$out/carrel.log" 2>&1 &
    carrel_pid=$!
    echo "127.0.0.1:$CARREL_PORT" >"$work/carrel.to"
    wait_for "carrel up (see $out/carrel.log)" "$load" call --to "$(to carrel)" --path /health/ready
    sign_in
    begin_sessions
    { echo $carrel_pid; children_of $carrel_pid; } | while read -r pid; do # the JVM, and its starter when it runs as root
        case $(readlink "/proc/$pid/exe" || true) in */java) echo "$pid" ;; esac
    done | paste -s -d, - >"$work/carrel.pids"
    echo $carrel_pid >"$work/carrel.jvm"
}

children_of() {
    for child in $(cat "/proc/$1/task/"*/children 2>/dev/null); do
        echo "$child"
        children_of "$child"
    done
}

sign_in() {
    "$load" call --to "$(to carrel)" --method POST --path /api/v1/tokens --body '{"expiresIn":7200}' \
        --basic "$(printf 'bench:%s' "$PASSWORD" | base64 -w0)" >"$work/token.json" || { cat "$work/token.json" >&2; die "no token"; }
    token=$(sed -n 's/.*"token":"\([^"]*\)".*/\1/p' "$work/token.json")
    # and as a browser does: by the form, for the cookie that every request of the load carries
    cookie=$("$load" call --to "$(to carrel)" --method POST --path /sign-in --head yes --origin "http://$(to carrel)" \
        --form "user=bench&password=$PASSWORD&next=%2F" | sed -n 's/^[Ss]et-[Cc]ookie: \(carrel_portal=[^;]*\);.*/\1/p' | tr -d '\r')
    [ -n "$cookie" ] || { say "signing in gave no cookie; the load carries a bearer token"; cookie=Bearer:$token; }
}

begin_sessions() {
    i=0
    while [ $i -lt $ORIGINS ]; do
        "$load" call --to "$(to carrel)" --method POST --path /api/v1/sessions --token "$token" --body "{\"app\":\"b$i\"${ON:-}}" \
            >"$work/session.json" || { cat "$work/session.json" >&2; die "session $i was not begun"; }
        id=$(sed -n 's/.*"id":"\([a-z2-7]*\)".*/\1/p' "$work/session.json")
        echo "$id" >>"$work/carrel.sessions"
        printf '%s /s/%s %s %s\n' "$(to carrel)" "$id" "$(mark_of $i)" "$cookie" >>"$work/carrel.routes"
        i=$((i + 1))
    done
    while read -r id; do wait_for "session $id" session_is ready "$id" "$(to carrel)"; done <"$work/carrel.sessions"
}

session_is() { # $1: state, $2: id, $3: host:port
    "$load" call --to "$3" --path "/api/v1/sessions/$2" --token "$token" | grep -q "\"state\":\"$1\""
}

# Sessions outlive Carrel, so they are stopped first; what is left of our own backend then ends by its pid.
stop_carrel() {
    if [ -n "${carrel_pid:-}" ] && [ -s "$work/carrel.sessions" ] && [ -n "${token:-}" ]; then
        while read -r id; do
            "$load" call --to "$(to carrel)" --method DELETE --path "/api/v1/sessions/$id" --token "$token" >/dev/null 2>&1 || true
        done <"$work/carrel.sessions"
        sleep 1
    fi
    for pid in ${carrel_pid:-} ${second_pid:-}; do kill "$pid" 2>/dev/null || true; done
    [ ! -x "$work/load" ] || for pid in $(load=$work/load pids_of_load | tr , ' '); do kill "$pid" 2>/dev/null || true; done
}

# ---- starts: an instance of its own, on both cores, as are the bare commands
start_carrel_for_starts() {
    settings $((CARREL_PORT + 1)) starts >"$work/starts.yaml"
    "$program" up --config "$work/starts.yaml" >"$out/carrel-starts.log" 2>&1 &
    second_pid=$!
    echo "127.0.0.1:$((CARREL_PORT + 1))" >"$work/starts.to"
    wait_for "the second carrel up" "$load" call --to "$(to starts)" --path /health/ready
    second_token=$("$load" call --to "$(to starts)" --method POST --path /api/v1/tokens --body '{"expiresIn":7200}' \
        --basic "$(printf 'bench:%s' "$PASSWORD" | base64 -w0)" | sed -n 's/.*"token":"\([^"]*\)".*/\1/p')
}

carrel_start() { "$load" start --to "$(to starts)" --token "$second_token" --app faithful; }

# What somebody would type, with the same R, the same app and the same kind of address.
bare_start() {
    rm -f "$work/bare"
    "$load" ready --unix "$work/bare" -- R --no-save --no-restore --no-echo -e \
        "shiny::runApp('$work/faithful', port = structure('$work/bare', mask = strtoi('007', 8L)), launch.browser = FALSE)" \
        2>>"$out/bare.log"
}

# ---- the gateway alone: its own test harness, 5,000 routes
harness_classes() {
    classes=$root/target/classes:$root/target/test-classes
    [ -z "${CARREL_BENCH_CLASSES:-}" ] || { classes=$CARREL_BENCH_CLASSES; return; } # compiled already, with what it needs
    say "compiling the harness"
    (cd "$root" && mvn -q -B -ntp -DskipTests -Dspotless.check.skip=true package dependency:build-classpath \
        -Dmdep.outputFile="$out/classpath") >"$out/mvn.log" 2>&1 || { tail -n 30 "$out/mvn.log" >&2; die "mvn failed"; }
    classes=$classes:$(cat "$out/classpath")
}

start_harness() {
    # the same switches of the JVM as ./carrel gives
    # shellcheck disable=SC2086
    taskset -c 1 "$jdk/bin/java" -XX:+UseCompactObjectHeaders -XX:+UseParallelGC -Xmn20m --enable-native-access=ALL-UNNAMED \
        --sun-misc-unsafe-memory-access=allow ${CARREL_JAVA_OPTIONS:-} \
        -cp "$classes" \
        org.carrel.gateway.BenchGateway "$CARREL_PORT" "$work/o" $ORIGINS $ROUTES "$work/carrel.all" >"$out/carrel.log" 2>&1 &
    carrel_pid=$!
    echo $carrel_pid | tee "$work/carrel.pids" >"$work/carrel.jvm"
    echo "127.0.0.1:$CARREL_PORT" >"$work/carrel.to"
    wait_for "the harness (see $out/carrel.log)" test -s "$work/carrel.all"
    head -n $ROTATION "$work/carrel.all" >"$work/carrel.routes"
}
