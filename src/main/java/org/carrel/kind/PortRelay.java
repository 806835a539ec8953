package org.carrel.kind;

import java.util.List;

/// Carries connections from a unix socket to a port in a network nobody else is in, and runs the program that listens
/// there. In Perl, which every Debian has, because a JVM for each session would cost more than most sessions.
///
/// It ends with the program, with the program's status. INT and TERM are left to the program. Two small processes for
/// each
/// connection, one for each direction, so that neither waits for the other; an end on one side is passed on to the
/// other.
final class PortRelay {
    /// always the same: the network is the session's own
    static final int PORT = 8000;

    private static final String PROGRAM = """
            use strict; use Socket; use POSIX ":sys_wait_h"; my ($path,$port,@command)=@ARGV;
            my $app=fork(); die "fork: $!" unless defined $app; if(!$app){ exec {$command[0]} @command; exit 127 }
            $SIG{INT}=$SIG{TERM}=$SIG{PIPE}="IGNORE";
            sub reap { while((my $p=waitpid(-1,WNOHANG))>0){ exit($? & 127 ? 128+($? & 127) : $? >> 8) if $p==$app } }
            socket(my $listener,AF_UNIX,SOCK_STREAM,0) or die "socket: $!"; unlink $path;
            bind($listener,sockaddr_un($path)) or die "bind: $!"; listen($listener,128) or die "listen: $!";
            sub copy { my($from,$to)=@_; while(my $n=sysread($from,my $data,65536)){ my $at=0;
              while($at<$n){ my $k=syswrite($to,$data,$n-$at,$at); return unless defined $k; $at+=$k } } shutdown($to,1) }
            vec(my $waiting,fileno($listener),1)=1;
            while(1){ reap(); select(my $ready=$waiting,undef,undef,0.5)>0 or next; accept(my $client,$listener) or next;
              my $one=fork(); if(defined $one && !$one){ close $listener;
              socket(my $server,AF_INET,SOCK_STREAM,0) or exit 1; connect($server,sockaddr_in($port,INADDR_LOOPBACK)) or exit 1;
              my $two=fork(); if(defined $two && !$two){ copy($server,$client); exit 0 } copy($client,$server); waitpid($two,0); exit 0 } close $client }
            """;

    private PortRelay() {}

    /// To be put in front of the program and its arguments.
    static List<String> command(String socket) {
        return List.of("perl", "-e", PROGRAM, socket, Integer.toString(PORT));
    }
}
