# The peers, each with 5,000 routes /s/<16 letters>/ to 32 origins on unix sockets; sourced by bench/run.
# A start_NAME leaves NAME.to (host:port), NAME.pids (comma-separated) and NAME.routes (for bench/load) in $work.

ROUTES=5000 ORIGINS=32

# $1: host:port; prints bench/load's routes. All proxies get the same bytes: the cookie is as long as Carrel's own.
peer_routes() {
    awk -v host="$1" -v n="$ROTATION" -v cookie="$COOKIE" "$ID_OF"'
        BEGIN { for (i = 0; i < n; i++) printf "%s /s/%s %c %s\n", host, id_of(i), 48 + i % 32, cookie }' </dev/null
}

# awk: the id of route i, sixteen letters
ID_OF='function id_of(i,   text, k) { text = ""; for (k = 0; k < 16; k++) { text = text sprintf("%c", 97 + (i + k * 7) % 26); if (k % 4 == 3) i = int(i / 26) } return text }'

start_origins() {
    taskset -c 0 "$load" serve --mark 0 --unix "$work/o" --tcp "$ORIGIN_PORT" --count $ORIGINS &
    origins_pid=$!
    started="$started $origins_pid"
    wait_for "the origins" test -S "$work/o31"
}

# ---- nginx: one worker, epoll, keep-alive to the origins; buffering off, as server-sent events need
start_nginx() {
    port=$NGINX_PORT
    mkdir -p "$work/nginx"
    {
        echo "worker_processes 1; daemon off; pid $work/nginx/pid; error_log $work/nginx/error.log error;"
        [ "$(id -u)" -ne 0 ] || echo "user root;"
        echo "events { use epoll; worker_connections 15000; }"
        echo "http { access_log off; client_body_temp_path $work/nginx/body; proxy_temp_path $work/nginx/proxy;"
        echo "fastcgi_temp_path $work/nginx/f; uwsgi_temp_path $work/nginx/u; scgi_temp_path $work/nginx/s;"
        echo "keepalive_requests 1000000000; keepalive_timeout 1h; tcp_nodelay on; map_hash_max_size 16384; map_hash_bucket_size 128;"
        echo 'map $http_upgrade $connection_header { default upgrade; "" ""; }'
        i=0
        while [ $i -lt $ORIGINS ]; do
            echo "upstream o$i { server unix:$work/o$i; keepalive 256; keepalive_requests 1000000000; keepalive_timeout 1h; }"
            i=$((i + 1))
        done
        echo 'map $sid $origin { default "";'
        awk -v n=$ROUTES "$ID_OF"'BEGIN { for (i = 0; i < n; i++) printf "%s o%d;\n", id_of(i), i % 32 }' </dev/null
        echo '}'
        nginx_server "$port" off
        nginx_server "$((port + 1))" on
        echo '}'
    } >"$work/nginx/conf"
    taskset -c 1 "$(command -v nginx || echo /usr/sbin/nginx)" -c "$work/nginx/conf" 2>>"$work/nginx/error.log" &
    master=$!
    started="$started $master"
    wait_for nginx "$load" call --to "127.0.0.1:$port" --path "/s/$(first_id)/"
    pids="$master,$(tr -s ' ' , <"/proc/$master/task/$master/children" | sed 's/,$//')"
    echo "127.0.0.1:$port" >"$work/nginx.to"
    echo "$pids" >"$work/nginx.pids"
    peer_routes "127.0.0.1:$port" >"$work/nginx.routes"
    echo "127.0.0.1:$((port + 1))" >"$work/nginx-buffered.to" # the same worker, its other face
    echo "$pids" >"$work/nginx-buffered.pids"
    peer_routes "127.0.0.1:$((port + 1))" >"$work/nginx-buffered.routes"
}

nginx_server() { # $1: port, $2: proxy_buffering
    cat <<END
server { listen 127.0.0.1:$1 backlog=4096;
  location ~ ^/s/(?<sid>[a-z2-7]+)(?<rest>/.*)\$ {
    proxy_pass http://\$origin\$rest\$is_args\$args;
    proxy_http_version 1.1; proxy_buffering $2; proxy_read_timeout 1h; proxy_send_timeout 1h;
    proxy_set_header Host \$http_host;
    proxy_set_header Upgrade \$http_upgrade; proxy_set_header Connection \$connection_header;
    proxy_set_header X-Forwarded-For \$proxy_add_x_forwarded_for;
    proxy_set_header X-Forwarded-Proto \$scheme; proxy_set_header X-Forwarded-Host \$http_host;
    proxy_set_header X-Forwarded-Prefix /s/\$sid;
  }
}
END
}

# ---- HAProxy: one thread, map of 5,000, connections to the origins shared and kept
start_haproxy() {
    port=$HAPROXY_PORT
    mkdir -p "$work/haproxy"
    awk -v n=$ROUTES "$ID_OF"'BEGIN { for (i = 0; i < n; i++) printf "%s o%d\n", id_of(i), i % 32 }' </dev/null >"$work/haproxy/map"
    {
        cat <<END
global
  nbthread 1
  maxconn 8000
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
frontend web
  bind 127.0.0.1:$port backlog 4096
  http-request set-var(txn.prefix) path,field(3,/)
  http-request set-header X-Forwarded-Prefix /s/%[var(txn.prefix)]
  http-request set-header X-Forwarded-Proto http
  http-request set-header X-Forwarded-Host %[req.hdr(host)]
  option forwardfor
  http-request set-path %[path,regsub(^/s/[a-z2-7]+,)]
  use_backend %[var(txn.prefix),map($work/haproxy/map)]
END
        i=0
        while [ $i -lt $ORIGINS ]; do
            printf 'backend o%d\n  server s unix@%s pool-purge-delay 1h\n' $i "$work/o$i"
            i=$((i + 1))
        done
    } >"$work/haproxy/conf"
    taskset -c 1 "$(command -v haproxy || echo /usr/sbin/haproxy)" -db -f "$work/haproxy/conf" >"$work/haproxy/log" 2>&1 &
    started="$started $!"
    echo "$!" >"$work/haproxy.pids"
    echo "127.0.0.1:$port" >"$work/haproxy.to"
    peer_routes "127.0.0.1:$port" >"$work/haproxy.routes"
    wait_for HAProxy "$load" call --to "127.0.0.1:$port" --path "/s/$(first_id)/"
}

# ---- configurable-http-proxy: has no unix sockets towards its targets, so it gets TCP
start_chp() {
    port=$CHP_PORT
    taskset -c 1 node "$chp" --ip 127.0.0.1 --port "$port" --api-ip 127.0.0.1 --api-port $((port + 1)) \
        --no-include-prefix --log-level error >"$work/chp.log" 2>&1 &
    started="$started $!"
    echo "$!" >"$work/chp.pids"
    echo "127.0.0.1:$port" >"$work/chp.to"
    peer_routes "127.0.0.1:$port" >"$work/chp.routes"
    wait_for configurable-http-proxy "$load" call --to "127.0.0.1:$((port + 1))" --path /api/routes
    awk -v n=$ROUTES -v port="$ORIGIN_PORT" "$ID_OF"'
        BEGIN { for (i = 0; i < n; i++) printf "/s/%s http://127.0.0.1:%d\n", id_of(i), port + i % 32 }' </dev/null |
        node "$root/bench/lib/chp-routes.js" $((port + 1)) || die "configurable-http-proxy took no routes"
    "$load" call --to "127.0.0.1:$port" --path "/s/$(first_id)/" >/dev/null || die "configurable-http-proxy does not answer"
}

first_id() { awk "$ID_OF"'BEGIN { print id_of(0) }' </dev/null; }
