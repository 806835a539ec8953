#!/bin/sh
# Tests of ./carrel with stub JDKs and a stub mvn, in a directory with a space in its name. A sentence per test.
set -eu
project=$(cd "$(dirname "$0")/../../.." && pwd -P)
box=$(mktemp -d)
trap 'rm -rf "$box"' EXIT INT TERM
tests=0
failures=0

it() { # "sentence" function
    tests=$((tests + 1))
    if (set -eu; fresh_home; "$2") >"$box/output" 2>&1; then
        :
    else
        failures=$((failures + 1))
        printf 'FAILED: %s\n' "$1"
        sed 's/^/    /' "$box/output"
    fi
}

fake_jdk() { # directory version
    mkdir -p "$1/bin"
    printf 'IMPLEMENTOR="Stub"\nJAVA_VERSION="%s"\n' "$2" >"$1/release"
    cat >"$1/bin/java" <<END
#!/bin/sh
before=
for word in "\$@"; do
    [ "\$before" != --starter ] || { echo starter >"\$word"; echo starter >>"$box/starter-trained"; exit 0; }
    before=\$word
    case \$word in -XX:AOTCacheOutput=*)
        [ ! -f "$box/aot-breaks" ] || exit 134
        echo cache >"\${word#-XX:AOTCacheOutput=}"
        echo trained >>"$box/trained"
        exit 0
    esac
done
echo "java $2 pid=\$\$"
for word in "\$@"; do echo "[\$word]"; done
END
    chmod +x "$1/bin/java"
    cp "$1/bin/java" "$1/bin/javac"
}

# A project of its own for each test: $home holds the script, a source, stub tools on PATH
fresh_home() {
    rm -rf "$box/a home" "$box/unpacked" "$box/no-arm" "$box/jvm" "$box/bin" "$box/elsewhere" "$box/trained" "$box/aot-breaks" "$box/builds" "$box/build-breaks" "$box/edit"
    home="$box/a home"
    mkdir -p "$home/src/main" "$box/bin" "$box/jvm" "$box/elsewhere"
    cp "$project/carrel" "$home/carrel"
    printf '<project>\n  <version>0.7</version>\n</project>\n' >"$home/pom.xml"
    echo one >"$home/src/main/A.java"
    touch -d '1 hour ago' "$home/pom.xml" "$home/src/main/A.java" "$home/src/main"
    cat >"$box/bin/mvn" <<END
#!/bin/sh
for word in "\$@"; do
    case \$word in -DoutputDirectory=*)
        libs=\${word#-DoutputDirectory=}
        mkdir -p "\$libs"
        for lib in b a net-linux-x86_64 net-linux-aarch_64; do echo \$lib >"\$libs/\$lib.jar"; done
        [ ! -f "$box/no-arm" ] || rm "\$libs/net-linux-aarch_64.jar"
        exit
    esac
done
echo built >>"$box/builds"
if [ -f "$box/build-breaks" ]; then echo 'A.java:1: error: no such thing'; exit 1; fi
[ ! -f "$box/edit" ] || { sleep 0.05; touch "$home/src/main/A.java"; sleep 0.05; }
mkdir -p "$home/target/lib"
echo jar >"$home/target/carrel.jar"
echo b >"$home/target/lib/b.jar"
echo a >"$home/target/lib/a.jar"
END
    chmod +x "$box/bin/mvn"
    unset SOURCE_DATE_EPOCH JAVA_HOME CARREL_JAVA_HOME CARREL_JAVA_OPTIONS CARREL_MAVEN_OPTIONS
    PATH=$box/bin:/usr/bin:/bin
    CARREL_JDK_PLACES=$box/jvm
    CARREL_MEMINFO=$box/meminfo
    echo 'MemTotal:        8000000 kB' >"$CARREL_MEMINFO"
    HOME=$box/elsewhere
    export PATH CARREL_JDK_PLACES CARREL_MEMINFO HOME
    fake_jdk "$box/jvm/stub-25-jdk" 25.0.3
}

builds() { if [ -f "$box/builds" ]; then wc -l <"$box/builds" | tr -d ' '; else echo 0; fi; }
expect() { # text in the output of the command that follows
    wanted=$1
    shift
    got=$("$@" 2>&1) || true
    case $got in *"$wanted"*) ;; *) printf 'wanted: %s\ngot: %s\n' "$wanted" "$got"; return 1 ;; esac
}
equal() { [ "$1" = "$2" ] || { printf 'wanted: %s\ngot: %s\n' "$1" "$2"; return 1; }; }
fails() { if "$@" >/dev/null 2>&1; then echo "must fail: $*"; return 1; fi; }

without_a_jdk() {
    rm -rf "$box/jvm/stub-25-jdk"
    fake_jdk "$box/bin/.." 17.0.1 # the java on PATH is older
    fails "$home/carrel" up
    expect 'temurin-25-jdk' "$home/carrel" up
    expect 'apt-get install openjdk-25-jdk-headless' "$home/carrel" up
}
wrong_java_home() { fake_jdk "$box/old" 17.0.1; CARREL_JAVA_HOME=$box/old expect "isn't a JDK 25" "$home/carrel" up; }
older_is_passed_over() { fake_jdk "$box/old" 17.0.1; JAVA_HOME=$box/old expect 'java 25.0.3' "$home/carrel" up; }
java_home_first() { fake_jdk "$box/mine" 25.0.9; JAVA_HOME=$box/mine expect 'java 25.0.9' "$home/carrel" up; }
no_250() { rm -rf "$box/jvm/stub-25-jdk"; fake_jdk "$box/jvm/x-25-x" 250.0.1; expect 'needs a JDK 25' "$home/carrel" up; }
builds_once() {
    "$home/carrel" up; "$home/carrel" up; "$home/carrel" sessions
    equal 1 "$(builds)"
}
builds_when_newer() {
    "$home/carrel" up
    touch -d '+2 seconds' "$home/src/main/A.java"
    "$home/carrel" up
    equal 2 "$(builds)"
}
builds_when_gone() {
    "$home/carrel" up
    touch -d '+2 seconds' "$home/src/main" # as the removal of a file does
    "$home/carrel" up
    equal 2 "$(builds)"
}
edited_meanwhile() {
    touch "$box/edit"
    "$home/carrel" up
    rm "$box/edit"
    "$home/carrel" up
    equal 2 "$(builds)"
}
broken_build() {
    touch "$box/build-breaks"
    fails "$home/carrel" up
    expect 'error: no such thing' "$home/carrel" up
    fails "$home/carrel" up
    equal 3 "$(builds)"
}
no_maven() {
    mkdir "$box/few"
    for tool in sh dirname readlink find head id cat printf; do ln -s "$(command -v $tool)" "$box/few/$tool"; done
    PATH=$box/few expect 'apt-get install maven' "$home/carrel" up
}
by_link() {
    ln -s "$home/carrel" "$box/elsewhere/first"
    ln -s first "$box/elsewhere/second"
    cd /
    expect "[-Dcarrel.program=$home/carrel]" "$box/elsewhere/second" up
}
words() { expect '[two words]
[*]
[]' "$home/carrel" start 'two words' '*' ''; }
class_path() { expect "[$home/target/carrel.jar:$home/target/lib/a.jar:$home/target/lib/b.jar]" "$home/carrel" up; }
server_flags() { expect '[-XX:+UseParallelGC]' "$home/carrel" up; expect '[-XX:+UseSerialGC]' "$home/carrel" sessions; }
cache_used() {
    expect "[-XX:AOTCache=$home/target/carrel.aot]" "$home/carrel" up
    "$home/carrel" up
    equal 1 "$(wc -l <"$box/trained" | tr -d ' ')"
}
starter_cache_used() { # root's alone
    [ "$(id -u)" -eq 0 ] || return 0
    rm -f "$box/starter-trained"
    expect "[-Dcarrel.starter.aot=$home/target/starter.aot]" "$home/carrel" up
    "$home/carrel" up
    equal 1 "$(wc -l <"$box/starter-trained" | tr -d ' ')"
}
cache_other_jvm() {
    "$home/carrel" up
    fake_jdk "$box/mine" 25.0.9
    JAVA_HOME=$box/mine "$home/carrel" up
    equal 2 "$(wc -l <"$box/trained" | tr -d ' ')"
}
cache_broken() {
    touch "$box/aot-breaks"
    expect '[org.carrel.main.Main]' "$home/carrel" up
    case $("$home/carrel" up) in *AOTCache*) return 1 ;; esac
}
is_replaced() {
    "$home/carrel" build
    sh -c 'echo "script=$$"; exec "$0" up' "$home/carrel" >"$box/pids"
    equal "$(sed -n 's/^script=//p' "$box/pids")" "$(sed -n 's/.*pid=//p' "$box/pids")"
}
help_unbuilt() { expect './carrel demo' "$home/carrel" --help; equal 0 "$(builds)"; }
test_word() { expect 'unknown word "--quik"' "$home/carrel" test --quik; fails "$home/carrel" test --quik; }

has_sources() {
    echo licence >"$home/LICENSE"
    echo read >"$home/README.md"
    mkdir -p "$home/docs/guide" "$home/demo/apps/one" "$home/examples"
    echo page >"$home/docs/guide/cli.md"
    echo app >"$home/demo/apps/one/app.R"
    echo 'listen: 127.0.0.1:8080' >"$home/examples/carrel.yaml"
}
unpacked() { # makes a release and unpacks it: $release
    has_sources
    "$home/carrel" dist
    mkdir "$box/unpacked"
    tar -C "$box/unpacked" -xzf "$home/target/carrel-0.7.tar.gz"
    release=$box/unpacked/carrel-0.7
    rm "$box/bin/mvn"
}
release_runs() {
    unpacked
    class_path=$release/program/carrel.jar
    for lib in a b net-linux-aarch_64 net-linux-x86_64; do class_path=$class_path:$release/program/lib/$lib.jar; done
    expect "[$class_path]" "$release/carrel" up
    expect "[-XX:AOTCache=$release/program/carrel.aot]" "$release/carrel" up
    [ -f "$release/LICENSE" ] && [ -f "$release/README.md" ] && [ -f "$release/docs/guide/cli.md" ]
    [ -f "$release/demo/apps/one/app.R" ] && [ -f "$release/examples/carrel.yaml" ]
    [ ! -e "$release/pom.xml" ] && [ ! -e "$release/src" ] && [ ! -e "$release/target" ]
}
release_prepares() {
    unpacked
    "$release/carrel" build
    equal cache "$(cat "$release/program/carrel.aot")"
    equal 1 "$(builds)"
}
release_read_only() {
    unpacked
    rm -rf "$release/program/lib"
    expect 'unpack it again' "$release/carrel" up
    expect 'needs a checkout' "$release/carrel" test
    expect 'needs a checkout' "$release/carrel" dist
}
release_same() {
    has_sources
    "$home/carrel" dist
    cp "$home/target/carrel-0.7.tar.gz" "$box/elsewhere/first"
    touch -d "1 day ago" "$home/README.md"
    (umask 077; cp "$home/README.md" "$box/elsewhere/r"; mv "$box/elsewhere/r" "$home/README.md"; "$home/carrel" dist)
    cmp "$box/elsewhere/first" "$home/target/carrel-0.7.tar.gz"
    SOURCE_DATE_EPOCH=86400 "$home/carrel" dist
    tar -tvzf "$home/target/carrel-0.7.tar.gz" --utc --full-time >"$box/elsewhere/list"
    equal 0 "$(grep -vc ' 0/0 .* 1970-01-02 00:00:00 carrel-0.7/' "$box/elsewhere/list")"
}
release_both() {
    has_sources
    touch "$box/no-arm"
    fails "$home/carrel" dist
    expect 'no library for linux-aarch_64' "$home/carrel" dist
    [ ! -e "$home/target/carrel-0.7.tar.gz" ]
}
small_board() {
    expect '[-Xmn64m]' "$home/carrel" up
    echo 'MemTotal:         948304 kB' >"$CARREL_MEMINFO"
    expect '[-Xmx160m]' "$home/carrel" up
    expect '[-XX:+UseSerialGC]' "$home/carrel" up
    case $("$home/carrel" up) in *UseParallelGC*) return 1 ;; esac
    CARREL_JAVA_OPTIONS=-Xmx300m expect '[-Xmx300m]' "$home/carrel" up
    rm "$CARREL_MEMINFO"
    expect '[-XX:+UseParallelGC]' "$home/carrel" up
}

it 'without a JDK 25 it says how to get one' without_a_jdk
it 'a CARREL_JAVA_HOME of another version is an error' wrong_java_home
it 'a JAVA_HOME of another version is passed over' older_is_passed_over
it 'a JAVA_HOME that fits comes first' java_home_first
it 'version 250 is not version 25' no_250
it 'it builds once' builds_once
it 'it builds again when a source is newer' builds_when_newer
it 'it builds again when a source was removed' builds_when_gone
it 'it builds again when a source was edited during the build' edited_meanwhile
it 'a broken build shows the end of its log, and is tried again' broken_build
it 'without mvn it says how to get it' no_maven
it 'it works through links and from anywhere' by_link
it 'words are passed on as they are' words
it 'the class path is a fixed list of jars' class_path
it 'servers and short commands get their own flags' server_flags
it 'the start cache is made once and used' cache_used
it 'the starter of root has a start cache of its own' starter_cache_used
it 'the start cache is made again for another JVM' cache_other_jvm
it 'a start cache that can not be made prevents nothing' cache_broken
it 'the script is replaced by the program, so signals reach it' is_replaced
it 'help needs no build' help_unbuilt
it 'unknown words of test are refused' test_word
it 'a release runs without Maven, from its own place' release_runs
it 'in a release, build prepares the quick start' release_prepares
it 'a release that is not whole says so, and does nothing that needs sources' release_read_only
it 'the same sources make the same release, byte for byte' release_same
it 'a release without the parts of one machine is not made' release_both
it 'on a board with 1 GB the server gets flags that leave memory for sessions' small_board

printf 'carrel script: %d tests, %d failed\n' "$tests" "$failures"
[ "$failures" -eq 0 ]
