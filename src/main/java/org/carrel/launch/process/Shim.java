package org.carrel.launch.process;

/// The shell that stands between Carrel and a program. POSIX sh, because every machine has one and it costs 1 MB.
final class Shim {
    /// Names the session in the environment of each of its processes. Never believed without the uid.
    static final String MARKER = "CARREL_SESSION";

    /// written on standard error as the last thing before the program's own output goes to the log
    static final String READY = "carrel-shim-ready";

    /// With the launcher's own rights: opens the file for the exit status, joins the cgroups, sets limits, then becomes
    /// the next
    /// program. Arguments: exit file, files of cgroups to join (colons between), command.
    /// Raising one's own score for the kernel's memory killer needs no privilege.
    static final String BEFORE = """
            exec 3>>"$1" || exit 97
            old=$IFS; IFS=:
            for group in $2; do { echo $$ >"$group"; } 2>/dev/null; done
            IFS=$old
            { echo 500 >/proc/self/oom_score_adj; } 2>/dev/null
            ulimit -c 0 2>/dev/null
            ulimit -n 8192 2>/dev/null || ulimit -n "$(ulimit -H -n)" 2>/dev/null
            shift 2
            exec "$@"
            """;

    /// With the session's rights: runs the program in the foreground (a shell starts background jobs deaf to INT) and
    /// writes its
    /// status. `trap :` keeps the shim alive when its whole group is signalled; the program gets the default back.
    /// Arguments: umask, directory, command.
    static final String AROUND = """
            umask "$1"
            cd -- "$2" || exit 98
            unset OLDPWD
            shift 2
            command -v -- "$1" >/dev/null || { echo "there is no program $1 (or it may not be run)" >&2; exit 99; }
            trap : INT TERM HUP QUIT USR1 USR2
            echo %s >&2
            exec 2>&1
            "$@" 3>&-
            echo $? >&3
            """.formatted(READY);

    private Shim() {}
}
