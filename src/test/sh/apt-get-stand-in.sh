#!/bin/sh
# Stands in for apt-get in a test of the demo's installation of R. What it keeps of the real one (apt-get(8), Debian 12):
#   - options before the verb: -q, -y, -o KEY=VALUE; anything else unknown: status 100 and an "E:" line
#   - `update` fetches lists: status 100 when that fails, here as often as the file "failing-updates" has lines
#   - `install` asks on the terminal unless -y and DEBIAN_FRONTEND=noninteractive; here that is status 1
#   - `install` knows a package only after lists were fetched once, else "E: Unable to locate package", status 100
#   - `install` puts the package's programs on the path: Rscript with r-base-core
# Works in its own directory and writes what it was called with to "calls" there.
set -eu
cd "$(dirname "$0")"
echo "$*" >>calls
fail() { echo "E: $1"; exit 100; }
yes= verb=
while [ $# -gt 0 ] && [ -z "$verb" ]; do
    case $1 in
    -q) ;;
    -y) yes=1 ;;
    -o) shift; case ${1:-} in *=*) ;; *) fail "Option -o: Configuration item specification must have an =<val>." ;; esac ;;
    -*) fail "Command line option $1 is not understood" ;;
    *) verb=$1 ;;
    esac
    shift
done
case $verb in
update)
    if [ -s failing-updates ]; then
        sed -i 1d failing-updates
        fail "Failed to fetch http://deb.example.org/debian/dists/bookworm/InRelease  Temporary failure resolving"
    fi
    : >lists
    ;;
install)
    [ "$yes" = 1 ] && [ "${DEBIAN_FRONTEND:-}" = noninteractive ] || { echo "Do you want to continue? [Y/n] Abort."; exit 1; }
    for package; do
        case $package in
        --no-install-recommends) ;;
        -*) fail "Command line option $package is not understood" ;;
        r-base-core | r-cran-shiny) [ -e lists ] || fail "Unable to locate package $package" ;;
        *) fail "Unable to locate package $package" ;;
        esac
    done
    printf '#!/bin/sh\nexit 0\n' >Rscript
    chmod 755 Rscript
    ;;
*) fail "Invalid operation $verb" ;;
esac
