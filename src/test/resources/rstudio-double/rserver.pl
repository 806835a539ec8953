# A DOUBLE of RStudio Server's `rserver`, for tests. It is not RStudio, and shares nothing with it but the contract:
# paths, cookies, headers, processes and signals as rstudio/rstudio 2025.07 has them (server/ServerMain.cpp,
# server_core/http/SecureCookie.cpp, core/http/CSRFToken.cpp, server_core/UrlPorts.cpp, ServerSessionManager.cpp).
#
# Run by a copy of perl that is named `rserver`, beside one named `rsession` and `rsession.pl`:
#   DIR/rserver DIR/rserver.pl --www-socket=PATH | --www-port=N  --secure-cookie-key-file=FILE --server-data-dir=DIR
#               [--auth-none=1] [--auth-timeout-minutes=60] [--poll-seconds=50]
#
# One process for each connection, which is closed after its answer. Left out: PAM (nobody can sign in by the form),
# encryption of the form, licences, `offline`.
use strict;
use warnings;
use Digest::SHA qw(hmac_sha256_base64);
use Fcntl qw(:flock);
use File::Basename qw(dirname);
use IO::Select;
use IO::Socket::INET;
use IO::Socket::UNIX;
use POSIX qw(:sys_wait_h strftime setsid);
use Time::HiRes qw(sleep time);
use Time::Local qw(timegm);

use constant { HEAD_MOST => 64 << 10, BODY_MOST => 256 << 20, LAUNCH_SECONDS => 30, LEAST_UID => 1000 };

my %known = map { $_ => 1 } qw(www-socket www-address www-port secure-cookie-key-file server-data-dir auth-none
    auth-timeout-minutes poll-seconds server-daemonize server-user www-frame-origin www-verify-user-agent
    server-pid-file database-config-file);
my %option = ('auth-none' => 0, 'auth-timeout-minutes' => 60, 'poll-seconds' => 50);
for (@ARGV) {
    my ($name, $value) = /^--([a-z-]+)=(.*)$/s or die "rserver: unrecognised option '$_'\n";
    $known{$name} or die "rserver: unrecognised option '--$name'\n";
    $option{$name} = $value;
}
my $here = dirname(__FILE__);
my $data = $option{'server-data-dir'} or die "rserver: --server-data-dir is missing\n";
my $self = getpwuid($>);
my $key  = key($option{'secure-cookie-key-file'});

mkdir $data;
chmod 0755, $data;
mkdir "$data/rstudio-rsession";
chmod 01777, "$data/rstudio-rsession";
mkdir "$data/own";
chmod 0700, "$data/own";
unlink "$data/own/control";
my $control  = IO::Socket::UNIX->new(Local => "$data/own/control", Listen => 128) or die "rserver: control: $!\n";
my $listener = listener();
my %rsession;
my $over = 0;
$SIG{PIPE} = 'IGNORE';
$SIG{CHLD} = sub { };
$SIG{TERM} = $SIG{INT} = $SIG{QUIT} = sub { $over = 1 };

sub key {
    my ($file) = @_;
    open my $in, '<:raw', $file or die "rserver: $file: $!\n";
    local $/;
    my $all = <$in>;
    length $all >= 32 or die "rserver: the key in $file is shorter than 32 bytes\n";
    return $all;
}

sub listener {
    if (my $path = $option{'www-socket'}) {
        unlink $path;
        my $socket = IO::Socket::UNIX->new(Local => $path, Listen => 512) or die "rserver: $path: $!\n";
        chmod 0666, $path;
        return $socket;
    }
    return IO::Socket::INET->new(
        LocalAddr => $option{'www-address'} // '127.0.0.1',
        LocalPort => $option{'www-port'} // 8787,
        Listen    => 512,
        ReuseAddr => 1
    ) // die "rserver: port: $!\n";
}

sub serve {
    my $both = IO::Select->new($listener, $control);
    until ($over) {
        for my $ready ($both->can_read(0.5)) {
            my $client = $ready->accept or next;
            if ($ready == $control) { launch($client); next }
            my $pid = fork;
            if (defined $pid && $pid == 0) {
                $SIG{$_} = 'DEFAULT' for qw(TERM INT QUIT CHLD);
                close $_ for $listener, $control;
                eval { answer($client) };
                print STDERR "rserver: $@" if $@;
                POSIX::_exit(0);
            }
        }
        while ((my $gone = waitpid -1, WNOHANG) > 0) {
            for (keys %rsession) { delete $rsession{$_} if $rsession{$_} == $gone }
        }
    }
    # it hands that on; they suspend themselves
    kill TERM => $_ for values %rsession;
    unlink $option{'www-socket'} if $option{'www-socket'};
    exit 0;
}

# ---- sessions

# Asked by a process that serves a connection; one for each user.
sub launch {
    my ($client) = @_;
    my $user = <$client> // '';
    chomp $user;
    my @account = getpwnam $user;
    if (@account && !$rsession{$user}) {
        my $pid = fork;
        if (defined $pid && $pid == 0) {
            setpgrp 0, 0;
            $SIG{$_} = 'DEFAULT' for qw(TERM INT QUIT CHLD PIPE);
            my ($name, $uid, $gid, $home, $shell) = @account[0, 2, 3, 7, 8];
            if ($> == 0) {
                $) = "$gid $gid";
                POSIX::setgid($gid);
                POSIX::setuid($uid);
                $> == $uid && $< == $uid or POSIX::_exit(77);
            }
            POSIX::close($_) for 3 .. 64;
            chdir $home or POSIX::_exit(78);
            open STDIN, '<', '/dev/null';
            %ENV = (PATH => '/usr/local/bin:/usr/bin:/bin', LANG => 'C.UTF-8', USER => $name, LOGNAME => $name,
                HOME => $home, SHELL => $shell, RS_SESSION_TMP_DIR => "$data/rstudio-rsession");
            no warnings 'exec';
            exec { "$here/rsession" } 'rsession', "$here/rsession.pl", '-u', $name, '--session-use-secure-cookies', '0',
                '--session-root-path', '/', '--poll-seconds', $option{'poll-seconds'};
            POSIX::_exit(79);
        }
        $rsession{$user} = $pid if $pid;
    }
    print $client "done\n";
    close $client;
}

# A connection to this user's session, which is begun when there is none and it may be.
sub session {
    my ($user, $uid, $may_launch) = @_;
    my $path  = "$data/rstudio-rsession/$user-d";
    my $until = time + LAUNCH_SECONDS;
    my $asked = 0;
    while (time < $until) {
        # whoever else made that socket is not the user
        my @status = lstat $path;
        my $there = @status && $status[4] == $uid ? IO::Socket::UNIX->new(Peer => $path) : undef;
        return $there if $there;
        return undef unless $may_launch;
        if (!$asked || $asked < time - 1) {
            my $main = IO::Socket::UNIX->new(Peer => "$data/own/control") or return undef;
            print $main "$user\n";
            <$main>;
            $asked = time;
        }
        sleep 0.025;
    }
    return undef;
}

# ---- one request

sub answer {
    my ($client) = @_;
    my $request = read_request($client) or return;
    my ($path, $query) = split /\?/, $request->{target}, 2;
    my $root = $request->{head}{'x-rstudio-root-path'} // '/';
    $root .= '/' unless $root =~ m{/$};
    # a gateway that forgets to take its prefix away is told at once
    return say_page($client, 404, "the double got a path with the prefix $root in it: $path\n")
        if $root ne '/' && index($path, $root) == 0;
    my $cookies = cookies($request);
    my ($user, $uid) = who($cookies);
    if ($path eq '/') {
        return say_head($client, 302, Location => "${root}auth-sign-in?appUri=") unless $user;
        return say_html($client, 200, page($user, $cookies, $request));
    }
    if ($path eq '/auth-sign-in') {
        return say_head($client, 302, Location => './') if $option{'auth-none'};
        my $token = $cookies->{'rs-csrf-token'} // uuid();
        return say_html($client, 200, sign_in($token),
            'Set-Cookie' => "rs-csrf-token=$token; path=$root; HttpOnly");
    }
    return sign_out($client, $request, $cookies, $root) if $path eq '/auth-sign-out';
    return port($client, $request, $cookies, $user, $1, $2 // '/') if $path =~ m{^/p/([0-9a-f]{8,9})(/.*)?$};
    if ($path =~ m{^/(?:rpc|events)/}) {
        return say_json($client, '{"error":{"code":3,"message":"Unauthorized"}}') unless $user;
    } elsif ($path !~ m{^/(?:graphics|upload|export|content|files|help|file_show|session|custom)(?:/|$)}) {
        return say_page($client, 404, "not found\n");
    } elsif (!$user) {
        return say_page($client, 401, "unauthorized\n");
    }
    my $required = ($request->{head}{'x-rstudio-session-required'} // '') ne '';
    my $session = session($user, $uid, !$required);
    return say_page($client, 503, "session required but absent\n") if !$session && $required;
    return say_page($client, 502, "session unreachable\n") unless $session;
    print $session render($request, $request->{target});
    my @fresh;
    # what a timer asks is no use
    @fresh = (cookie_for($user, $root)) if $path =~ m{^/rpc/} && ($request->{head}{'x-rstudio-refresh-auth-creds'} // '') ne '0'
        && !$option{'auth-none'};
    back($session, $client, @fresh);
}

sub cookie_for {
    my ($user, $root) = @_;
    my $until = time + 60 * $option{'auth-timeout-minutes'};
    my $date  = date($until);
    return "Set-Cookie: user-id=" . signed($user, $until) . "; expires=$date; path=$root; HttpOnly\r\n"
        . "Set-Cookie: persist-auth=0; path=$root; HttpOnly\r\n";
}

sub sign_out {
    my ($client, $request, $cookies, $root) = @_;
    my ($token) = $request->{body} =~ /(?:^|&)rs-csrf-token=([^&]*)/;
    my $mine = $cookies->{'rs-csrf-token'} // '';
    return say_page($client, 400, "Missing or incorrect token.\n") if $mine eq '' || ($token // '') ne $mine;
    if (my $cookie = $cookies->{'user-id'}) {
        open my $revoked, '>>', "$data/own/revoked" or die "revoked: $!\n";
        flock $revoked, LOCK_EX;
        print $revoked "$cookie\n";
    }
    return say_head($client, 302, Location => "${root}auth-sign-in", 'Set-Cookie' => "user-id=; path=$root; Max-Age=0");
}

sub is_revoked {
    my ($cookie) = @_;
    open my $revoked, '<', "$data/own/revoked" or return 0;
    while (<$revoked>) { chomp; return 1 if $_ eq $cookie }
    return 0;
}

# ---- who

# @return the account's name and uid; empty where the cookie proves nobody
sub who {
    my ($cookies) = @_;
    return ($self, $>) if $option{'auth-none'};
    my $cookie = $cookies->{'user-id'} // return;
    my @parts = split /\|/, $cookie, -1;
    return unless @parts == 3;
    my ($user, $expires, $mac) = map { decoded($_) } @parts;
    return unless $mac eq mac($user . $expires);
    my $until = instant($expires) // return;
    return if $until < time || is_revoked($cookie);
    my @account = getpwnam $user or return;
    return if $account[2] < LEAST_UID;
    return ($user, $account[2]);
}

sub signed {
    my ($user, $until) = @_;
    my $date = date($until);
    return join '|', map { encoded($_) } $user, $date, mac($user . $date);
}

sub mac {
    my $mac = hmac_sha256_base64($_[0], $key);
    $mac .= '=' while length($mac) % 4;
    return $mac;
}

my @days   = qw(Sun Mon Tue Wed Thu Fri Sat);
my @months = qw(Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec);

sub date {
    my @t = gmtime $_[0];
    return sprintf '%s, %02d %s %04d %02d:%02d:%02d GMT', $days[$t[6]], $t[3], $months[$t[4]], $t[5] + 1900, @t[2, 1, 0];
}

sub instant {
    my %month = map { $months[$_] => $_ } 0 .. 11;
    my ($d, $m, $y, $h, $min, $s) = $_[0] =~ /^[A-Z][a-z]{2}, (\d\d) ([A-Z][a-z]{2}) (\d{4}) (\d\d):(\d\d):(\d\d) GMT$/
        or return undef;
    return exists $month{$m} ? eval { timegm($s, $min, $h, $d, $month{$m}, $y) } : undef;
}

sub encoded { my ($t) = @_; $t =~ s/([^A-Za-z0-9~!*()'.\-_])/sprintf '%%%02X', ord $1/ge; return $t }
sub decoded { my ($t) = @_; $t =~ s/%([0-9A-Fa-f]{2})/chr hex $1/ge; return $t }

sub cookies {
    my ($request) = @_;
    my %all;
    for (split /;\s*/, $request->{head}{cookie} // '') {
        my ($name, $value) = split /=/, $_, 2;
        $all{$name} //= $value // '' if defined $name;
    }
    return \%all;
}

# ---- ports of this machine, behind names that can't be guessed

sub port_of {
    my ($token, $hash) = @_;
    $token =~ /^([0-9a-f]{4})([0-9a-f]{8})$/ or return 0;
    my ($factor, $mask) = (hex $1, hex $2);
    my $product = hex($hash) ^ $mask;
    return 0 if !$factor || $product % $factor;
    return ($product / $factor * 61279) % 65535;
}

sub port {
    my ($client, $request, $cookies, $user, $hash, $path) = @_;
    return say_page($client, 401, "unauthorized\n") unless $user;
    my $port = port_of($cookies->{'port-token'} // '', $hash);
    return say_page($client, 404, "no such port\n") unless $port;
    my $there = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $port, Timeout => 3)
        or return say_page($client, 502, "nobody listens there\n");
    my $query = $request->{target} =~ /(\?.*)$/ ? $1 : '';
    delete $request->{head}{'accept-encoding'};
    print $there render($request, $path . $query, ($request->{head}{upgrade} // '') ne '');
    return splice_both($client, $there) if ($request->{head}{upgrade} // '') ne '';
    my ($head, $rest) = read_head($there);
    $head =~ s{^(Location: )(?:http://(?:localhost|127\.0\.0\.1):$port)?/}{$1/p/$hash/}mi;
    $head =~ s{^Connection:.*\r\n}{}mig;
    print $client "${head}Connection: close\r\n\r\n$rest";
    copy($there, $client);
}

# ---- HTTP

sub read_head {
    my ($from) = @_;
    my $text = '';
    while ((my $end = index $text, "\r\n\r\n") < 0) {
        return if length $text > HEAD_MOST;
        sysread($from, $text, 8192, length $text) or return;
    }
    my $end = index $text, "\r\n\r\n";
    return (substr($text, 0, $end + 2), substr $text, $end + 4);
}

sub read_request {
    my ($client) = @_;
    my ($head, $rest) = read_head($client) or return;
    my ($first, @lines) = split /\r\n/, $head;
    my ($method, $target) = $first =~ m{^([A-Z]+) (/\S*) HTTP/1\.[01]$} or return say_page($client, 400, "bad request\n");
    my (%head, @names);
    for (@lines) {
        my ($name, $value) = /^([!-9;-~]+):[ \t]*(.*?)[ \t]*$/ or return say_page($client, 400, "bad header\n");
        push @names, $name unless exists $head{lc $name};
        $head{lc $name} = exists $head{lc $name} ? "$head{lc $name}, $value" : $value;
    }
    my $body = '';
    if (($head{'transfer-encoding'} // '') =~ /chunked/i) {
        while (1) {
            $rest = more($client, $rest) // return while $rest !~ /\r\n/;
            $rest =~ s/^([0-9a-fA-F]{1,8})[^\r]*\r\n// or return say_page($client, 400, "bad chunk\n");
            my $length = hex $1;
            return if length($body) + $length > BODY_MOST;
            $rest = more($client, $rest) // return while length $rest < $length + 2;
            $body .= substr $rest, 0, $length;
            substr $rest, 0, $length + 2, '';
            last unless $length;
        }
        delete $head{'transfer-encoding'};
    } else {
        my $length = $head{'content-length'} // 0;
        return say_page($client, 413, "too long\n") if $length !~ /^\d{1,12}$/ || $length > BODY_MOST;
        $body = $rest;
        while (length $body < $length) { $body = more($client, $body) // return }
    }
    $head{'content-length'} = length $body if $method ne 'GET' || length $body;
    push @names, 'Content-Length' unless grep { lc eq 'content-length' } @names;
    return { method => $method, target => $target, head => \%head, names => \@names, body => $body };
}

sub more {
    my ($from, $text) = @_;
    sysread($from, $text, 65536, length $text) or return undef;
    return $text;
}

sub render {
    my ($request, $target, $upgrade) = @_;
    my $text = "$request->{method} $target HTTP/1.1\r\n";
    for (@{ $request->{names} }) {
        next if lc eq 'connection' || !defined $request->{head}{ lc $_ };
        $text .= "$_: $request->{head}{lc $_}\r\n";
    }
    return $text . 'Connection: ' . ($upgrade ? 'Upgrade' : 'close') . "\r\n\r\n" . $request->{body};
}

sub back {
    my ($from, $client, @more) = @_;
    my ($head, $rest) = read_head($from);
    return say_page($client, 502, "the session broke off\n") unless defined $head;
    print $client $head, @more, "\r\n", $rest;
    $client->flush;
    copy($from, $client);
}

sub copy {
    my ($from, $to) = @_;
    my $some;
    while (sysread $from, $some, 65536) { write_all($to, $some) or return }
}

sub write_all {
    my ($to, $text) = @_;
    my $done = 0;
    while ($done < length $text) {
        my $more = syswrite $to, $text, length($text) - $done, $done;
        return 0 unless defined $more;
        $done += $more;
    }
    return 1;
}

sub splice_both {
    my ($one, $two) = @_;
    $_->flush for $one, $two;
    my $both = IO::Select->new($one, $two);
    while (my @ready = $both->can_read) {
        for my $from (@ready) {
            my $some;
            return unless sysread $from, $some, 65536;
            write_all($from == $one ? $two : $one, $some) or return;
        }
    }
}

my %phrase = (200 => 'OK', 302 => 'Found', 400 => 'Bad Request', 401 => 'Unauthorized', 404 => 'Not Found',
    413 => 'Content Too Large', 502 => 'Bad Gateway', 503 => 'Service Unavailable');

sub say_head {
    my ($client, $status, @fields) = @_;
    my $body = ref $fields[-1] ? ${ pop @fields } : '';
    my $text = "HTTP/1.1 $status $phrase{$status}\r\n";
    while (my ($name, $value) = splice @fields, 0, 2) { $text .= "$name: $value\r\n" }
    print $client $text, 'Content-Length: ', length $body, "\r\nConnection: close\r\n\r\n", $body;
    $client->flush;
    return;
}

sub say_page { my ($c, $status, $text) = @_; return say_head($c, $status, 'Content-Type' => 'text/plain', \$text) }
sub say_json { my ($c, $text) = @_; return say_head($c, 200, 'Content-Type' => 'application/json', \$text) }

sub say_html {
    my ($client, $status, $text, @more) = @_;
    return say_head($client, $status, 'Content-Type' => 'text/html; charset=utf-8', @more, \$text);
}

sub uuid { open my $in, '<', '/proc/sys/kernel/random/uuid' or die; my $line = <$in>; chomp $line; return $line }

sub sign_in {
    return "<!doctype html><title>RStudio Sign In</title><form method=post action=auth-do-sign-in>"
        . "<input name=username><input name=password type=password>"
        . "<input type=hidden name=rs-csrf-token value=\"$_[0]\"></form>\n";
}

# The page takes the token from the request's own cookie; nobody else makes one here.
sub page {
    my ($user, $cookies) = @_;
    my $token = $cookies->{'rs-csrf-token'} // '';
    open my $in, '<', "$here/ide.html" or die "ide.html: $!\n";
    local $/;
    my $text = <$in>;
    $text =~ s/#csrf-token#/$token/g;
    $text =~ s/#user#/$user/g;
    return $text;
}

serve();
