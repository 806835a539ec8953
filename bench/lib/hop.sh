# Two hops with mutual TLS between them: HAProxy before HAProxy, Carrel before Carrel; sourced by bench/run --hop.
# Both proxies of a pair share core 1; what is measured is the CPU of the pair.

start_hops() {
    make_certificates
    start_haproxy_pair
    start_carrel_pair
}

# One authority, one certificate for both ends: mutual, TLS 1.3 only, a 128-bit or a 256-bit AES as the two agree.
make_certificates() {
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=bench-ca \
        -keyout "$work/ca.key" -out "$work/ca.pem" 2>>"$work/openssl.log"
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=bench-hop \
        -keyout "$work/hop.key" -out "$work/hop.csr" 2>>"$work/openssl.log"
    openssl x509 -req -in "$work/hop.csr" -CA "$work/ca.pem" -CAkey "$work/ca.key" -CAcreateserial -days 2 \
        -out "$work/hop.crt" 2>>"$work/openssl.log"
    cat "$work/hop.crt" "$work/hop.key" >"$work/hop.pem"
}

# The nearer one does what the single HAProxy does and sends everything to the farther one, which knows the origins.
start_haproxy_pair() {
    port=$HAPROXY_PORT far=$((HAPROXY_PORT + 2))
    mkdir -p "$work/haproxy"
    awk -v n=$ROUTES "$ID_OF"'BEGIN { for (i = 0; i < n; i++) printf "%s o%d\n", id_of(i), i % 32 }' </dev/null >"$work/haproxy/map"
    haproxy_head() {
        cat <<END
global
  nbthread 1
  maxconn 8000
  ssl-default-bind-options ssl-min-ver TLSv1.3
  ssl-default-server-options ssl-min-ver TLSv1.3
  log stdout format raw local0 emerg
defaults
  mode http
  timeout connect 5s
  timeout client 1h
  timeout server 1h
  timeout tunnel 1h
  timeout http-keep-alive 1h
  option http-keep-alive
  http-reuse always
END
    }
    {
        haproxy_head
        cat <<END
frontend web
  bind 127.0.0.1:$port backlog 4096
  http-request set-var(txn.prefix) path,field(3,/)
  http-request set-header X-Forwarded-Prefix /s/%[var(txn.prefix)]
  http-request set-header X-Forwarded-Proto http
  http-request set-header X-Forwarded-Host %[req.hdr(host)]
  option forwardfor
  default_backend far
backend far
  server far 127.0.0.1:$far ssl verify required ca-file $work/ca.pem crt $work/hop.pem pool-purge-delay 1h
END
    } >"$work/haproxy/near.conf"
    {
        haproxy_head
        cat <<END
frontend door
  bind 127.0.0.1:$far backlog 4096 ssl crt $work/hop.pem ca-file $work/ca.pem verify required
  http-request set-var(txn.prefix) path,field(3,/)
  http-request set-path %[path,regsub(^/s/[a-z2-7]+,)]
  use_backend %[var(txn.prefix),map($work/haproxy/map)]
END
        i=0
        while [ $i -lt $ORIGINS ]; do
            printf 'backend o%d\n  server s unix@%s pool-purge-delay 1h\n' $i "$work/o$i"
            i=$((i + 1))
        done
    } >"$work/haproxy/far.conf"
    pids=
    for end in far near; do
        taskset -c 1 "$(command -v haproxy || echo /usr/sbin/haproxy)" -db -f "$work/haproxy/$end.conf" >"$work/haproxy/$end.log" 2>&1 &
        started="$started $!"
        pids="$pids${pids:+,}$!"
    done
    echo "$pids" >"$work/haproxy.pids"
    echo "127.0.0.1:$port" >"$work/haproxy.to"
    peer_routes "127.0.0.1:$port" >"$work/haproxy.routes"
    wait_for "the pair of HAProxy" "$load" call --to "127.0.0.1:$port" --path "/s/$(first_id)/"
}

# n1 has the gateway that is asked, n2 all the sessions.
start_carrel_pair() {
    [ "$(id -u)" -eq 0 ] || die "a cluster key wants root: run bench/run --hop as root"
    cp "$load" "$work/load"
    load=$work/load
    mkdir -p "$work/faithful"
    cp "$root"/bench/lib/faithful.R "$work/faithful/app.R"
    chmod 755 "$work/load" "$work/faithful"
    "$program" init --key "$work/key" --name bench >"$out/init.log" 2>&1 || { cat "$out/init.log" >&2; die "no cluster key"; }
    pids=
    for n in 2 1; do
        {
            settings $((CARREL_PORT + n - 1)) "n$n" "name: n$n, "
            echo "cluster: {key: $work/key, address: 127.0.0.$n, mdns: off," \
                "door: $((CARREL_PORT + 1 + n)), port: $((CARREL_PORT - 10 - n)), peers: [\"127.0.0.$((3 - n)):$((CARREL_PORT + 4 - n))\"]}"
        } >"$work/n$n.yaml"
        taskset -c 1 "$program" up --config "$work/n$n.yaml" >"$out/carrel-n$n.log" 2>&1 &
        pid=$!
        [ $n = 2 ] && second_pid=$pid || carrel_pid=$pid
        wait_for "carrel up of n$n (see $out/carrel-n$n.log)" "$load" call --to "127.0.0.1:$((CARREL_PORT + n - 1))" --path /health/ready
    done
    echo "127.0.0.1:$CARREL_PORT" >"$work/carrel.to"
    sign_in
    wait_for "n1 to see n2" sees_both
    ON=', "node":"n2"' begin_sessions
    for pid in $carrel_pid $second_pid; do
        { echo "$pid"; children_of "$pid"; } | while read -r one; do
            case $(readlink "/proc/$one/exe" || true) in */java) echo "$one" ;; esac
        done
    done | paste -s -d, - >"$work/carrel.pids"
    echo $carrel_pid >"$work/carrel.jvm"
}

sees_both() {
    "$load" call --to "$(to carrel)" --path /api/v1/nodes --token "$token" | grep -o '"state":"up"' | wc -l | grep -q '^2$'
}
