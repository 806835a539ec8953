package org.carrel.main;

import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;

/// What makes Carrel start with its machine and come back when it dies: a unit of systemd, or an init script where
/// there is none. Either says in its first lines who wrote it.
/// Sources: systemd.service(5), systemd.kill(5), systemd.exec(5), systemd.resource-control(5); LSB 5.0, "Comment
/// Conventions for Init Scripts".
/// @param program  the `carrel` script
/// @param settings empty: the usual place
/// @param javaHome empty: the script looks for a JDK at each start
record ServiceUnit(Path program, Optional<Path> settings, Optional<Path> javaHome) {
    static final String MARK = "# Written by `carrel service install`";

    /// No character that systemd or a shell reads as anything but itself.
    private static final Pattern PLAIN = Pattern.compile("/[A-Za-z0-9._/+@-]*");

    /// Sessions can't have these either, and nothing here needs them.
    private static final String UNUSED_CAPABILITIES = "CAP_SYS_MODULE CAP_SYS_BOOT CAP_SYS_TIME CAP_SYS_RAWIO"
            + " CAP_SYSLOG CAP_MAC_ADMIN CAP_MAC_OVERRIDE CAP_AUDIT_CONTROL CAP_LINUX_IMMUTABLE";

    /// @throws IllegalArgumentException when a path holds a character that would have to be quoted
    ServiceUnit {
        plain(program, "the program");
        settings.ifPresent(path -> plain(path, "the settings"));
        javaHome.ifPresent(path -> plain(path, "CARREL_JAVA_HOME"));
    }

    String systemd() {
        return """
                %s; changes of your own: systemctl edit carrel
                [Unit]
                Description=Carrel, sessions of R and Python for people who sign in
                Documentation=file://%s/docs/guide/install.md
                Wants=network-online.target
                After=network-online.target remote-fs.target nss-user-lookup.target
                # it is tried again for ever: a full disk or a lost mount may come right by itself
                StartLimitIntervalSec=0

                [Service]
                Type=exec
                # --take-over: where one runs already, begun by hand or by `carrel upgrade`, its connections are taken over
                ExecStart=%s up --take-over%s
                # `systemctl reload carrel` puts the program that lies there now in the place of the one that runs, and says
                # which process is the service from then on. Nobody else may say so: sessions are in this group, too.
                ExecReload=/bin/sh -c 'said=$$(%s upgrade%s) || exit 1; echo "$$said"; \\
                    new=$${said%%%%%%%% took over from *}; exec systemd-notify "MAINPID=$${new##*carrel: }"'
                NotifyAccess=exec
                %sEnvironmentFile=-/etc/default/carrel
                WorkingDirectory=/
                Restart=always
                RestartSec=2
                SuccessExitStatus=143
                TimeoutStopSec=90

                # Sessions outlive Carrel: only its own process is ever ended, and a session that the kernel kills for its
                # memory is not the end of the service. Sessions may have groups of their own below it.
                KillMode=process
                OOMPolicy=continue
                Delegate=yes
                OOMScoreAdjust=-500
                TasksMax=infinity
                LimitNOFILE=1048576

                # Not more than this: what systemd could take away is taken from sessions, too. No PrivateTmp and no
                # Protect... either: those give each start a view of files of its own, which adopted sessions don't share.
                NoNewPrivileges=yes
                CapabilityBoundingSet=~%s

                [Install]
                WantedBy=multi-user.target
                """.formatted(
                        MARK,
                        program.getParent(),
                        program,
                        words(),
                        program,
                        words(),
                        javaHome.map(home -> "Environment=CARREL_JAVA_HOME=" + home + "\n")
                                .orElse(""),
                        UNUSED_CAPABILITIES);
    }

    /// Nothing here starts Carrel again when it dies: init scripts can't.
    String initScript() {
        return """
                #!/bin/sh
                ### BEGIN INIT INFO
                # Provides:          carrel
                # Required-Start:    $remote_fs $network $named
                # Required-Stop:     $remote_fs $network
                # Should-Start:      $time
                # Default-Start:     2 3 4 5
                # Default-Stop:      0 1 6
                # Short-Description: Carrel, sessions of R and Python for people who sign in
                # Description:       Stopping it leaves sessions running; its next start takes them up.
                ### END INIT INFO
                %s
                program=%s
                pidfile=${CARREL_PIDFILE:-/run/carrel.pid}
                log=${CARREL_LOGFILE:-/var/log/carrel.log}
                %sset -a
                [ ! -r /etc/default/carrel ] || . /etc/default/carrel
                set +a

                # whether the process of that number is Carrel still, and not one that got its number
                running() {
                    pid=$(cat "$pidfile" 2>/dev/null) && [ -n "$pid" ] && kill -0 "$pid" 2>/dev/null &&
                        tr '\\0' ' ' <"/proc/$pid/cmdline" | grep -q ' up --take-over'
                }
                start() {
                    if running; then echo "carrel runs, process $pid"; return 0; fi
                    # the shell of the background job becomes setsid, that the program's script, and that java
                    cd / && setsid "$program" up --take-over%s >>"$log" 2>&1 </dev/null &
                    echo "$!" >"$pidfile"
                    sleep 1
                    running || { echo "carrel did not start; see $log" >&2; return 1; }
                }
                stop() {
                    running || return 0
                    kill "$pid"
                    left=90
                    while running && [ "$left" -gt 0 ]; do sleep 1; left=$((left - 1)); done
                    ! running || { echo "carrel, process $pid, is not gone yet" >&2; return 1; }
                    rm -f "$pidfile"
                }
                case ${1:-} in
                start) start ;;
                stop) stop ;;
                restart) stop && start ;;
                reload | force-reload)
                    running || { echo 'carrel does not run' >&2; exit 7; }
                    said=$("$program" upgrade%s 2>&1) || { echo "$said" >&2; exit 1; }
                    echo "$said"
                    new=$(echo "$said" | sed -n 's/^carrel: \\([0-9][0-9]*\\) took over from .*/\\1/p')
                    [ -z "$new" ] || echo "$new" >"$pidfile"
                    ;;
                status)
                    if running; then echo "carrel runs, process $pid"; else echo 'carrel does not run'; exit 3; fi
                    ;;
                *)
                    echo "usage: $0 start|stop|restart|reload|force-reload|status" >&2
                    exit 2
                    ;;
                esac
                """.formatted(
                MARK,
                program,
                javaHome.map(home -> "export CARREL_JAVA_HOME=" + home + "\n").orElse(""),
                words(),
                words());
    }

    private String words() {
        return settings.map(path -> " --config " + path).orElse("");
    }

    private static void plain(Path path, String what) {
        if (!PLAIN.matcher(path.toString()).matches())
            throw new IllegalArgumentException(
                    "can't make a service of " + what + " at \"" + path
                            + "\": only letters, digits and . _ / + @ - may be in its path; move it, for example to /opt/carrel");
    }
}
