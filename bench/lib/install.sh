# Gets what the bench needs; sourced by bench/run. Says what and why; installs only as root and unless --no-install.

missing=

need() { # $1: program, $2: package, $3: why
    command -v "$1" >/dev/null 2>&1 || [ -x "/usr/sbin/$1" ] || { say "  $2: $3"; missing="$missing $2"; }
}

install_parts() {
    missing=
    need gcc "gcc libc6-dev" "compiles bench/load, the backend and load"
    need taskset util-linux "keeps a proxy on one core"
    [ -z "${need_for_hop:-}" ] || need openssl openssl "makes the certificates between two hops"
    need nginx nginx-light "a peer"
    need haproxy haproxy "a peer"
    need node nodejs "runs configurable-http-proxy"
    need npm npm "fetches configurable-http-proxy"
    [ -z "$missing" ] && return 0
    [ "$install" = yes ] || die "missing:$missing (not installed because of --no-install)"
    [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null || die "as root: apt-get install --no-install-recommends$missing"
    say "installing the packages above with apt-get"
    apt-get -q update >"$out/apt.log" 2>&1 || say "apt-get update failed; going on with the lists that are there"
    # shellcheck disable=SC2086
    DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300 --no-install-recommends install $missing \
        >>"$out/apt.log" 2>&1 || { tail -n 20 "$out/apt.log" >&2; die "apt-get failed; the whole is in $out/apt.log"; }
}

# configurable-http-proxy, one version, outside the tree
install_chp() {
    chp_home=$cache/chp-$CHP_VERSION
    chp=$chp_home/node_modules/configurable-http-proxy/bin/configurable-http-proxy
    [ -x "$chp" ] && return 0
    [ "$install" = yes ] || return 1
    say "fetching configurable-http-proxy $CHP_VERSION with npm: the peer that JupyterHub uses"
    mkdir -p "$chp_home"
    npm install --prefix "$chp_home" --no-audit --no-fund --loglevel=error "configurable-http-proxy@$CHP_VERSION" \
        >"$out/npm.log" 2>&1 && [ -x "$chp" ]
}

compile_load() {
    load=$out/load
    # -O2 and nothing machine-specific: the figures shall not depend on where it was compiled
    gcc -std=gnu11 -O2 -Wall -Wextra -o "$load" "$root"/bench/load/*.c || die "bench/load does not compile"
}
