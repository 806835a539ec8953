# A DOUBLE of RStudio's `rsession`, for tests; see rserver.pl. It has no R: `console_input` knows the words
#   busy N    computes for N seconds            pause N   executes for N seconds and needs no CPU
#   say TEXT  prints an event                   project DIR  opens a project           anything else is counted
# What it counted survives a suspension, which is how tests see a resume.
#
# Kept from the contract: signals and exit codes (SessionMain.cpp), the files of an active session with the
# directory's misspelt name (RActiveSessionStorage.hpp), events held for 50 s (SessionClientEventService.cpp), one
# client at a time, the token against forged requests, obscured ports (UrlPorts.cpp).
use strict;
use warnings;
use Digest::SHA qw(sha1_base64);
use Errno qw(EAGAIN EINTR);
use IO::Select;
use IO::Socket::INET;
use IO::Socket::UNIX;
use POSIX qw(WNOHANG);
use Time::HiRes qw(time);

use constant { BODY_MOST => 256 << 20, EX_FORCE => 101, CLIENTS_MOST => 200 };

my %option = ('--poll-seconds' => 50, '-u' => '', @ARGV);
my $user  = $option{'-u'};
my $home  = $ENV{HOME};
my $path  = "$ENV{RS_SESSION_TMP_DIR}/$user-d";
my $base  = "$home/.local/share/rstudio/sessions/active";
my ($suspend, $force) = (0, 0);
$SIG{USR1} = sub { $suspend = 1 };
$SIG{USR2} = sub { $force = 1 };
$SIG{TERM} = sub { $force = 1 };
$SIG{PIPE} = 'IGNORE';
$SIG{CHLD} = 'IGNORE';

my ($directory, $counter, $resumed) = open_state();
my $port_token = sprintf '%04x%08x', 1 + int rand 65535, int rand 0xffffffff;
my ($client_id, $last_event, @events) = ('', 0);
my ($executing_until, $burning) = (0, 0);
my (%reading, @polls, %sockets);
property(running => 1);
property(activity_state => 'running');
property(project => 'none') unless $resumed;
property(executing => 0);
property(last_used => millis());

unlink $path;
my $listener = IO::Socket::UNIX->new(Local => $path, Listen => 128) or die "rsession: $path: $!\n";
chmod 0666, $path;
my $terminal = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 16) or die "rsession: terminal: $!\n";
my $select = IO::Select->new($listener, $terminal);
work();

# ---- state on disk

sub open_state {
    system 'mkdir', '-p', $base;
    for my $old (sort { -M $a <=> -M $b } glob "$base/session-*") {
        next unless -d "$old/suspended-session-data";
        my $count = 0;
        if (open my $in, '<', "$old/suspended-session-data/counter") { $count = <$in> // 0 }
        system 'rm', '-rf', "$old/suspended-session-data";
        return ($old, $count + 0, 1);
    }
    my $new = sprintf '%s/session-%08x', $base, int rand 0xffffffff;
    # the name is misspelt there
    mkdir $new;
    mkdir "$new/properites";
    return ($new, 0, 0);
}

sub property {
    my ($name, $value) = @_;
    open my $out, '>', "$directory/properites/.$name" or return;
    print $out $value;
    close $out;
    rename "$directory/properites/.$name", "$directory/properites/$name";
}

sub millis { return sprintf '%.0f', time * 1000 }

sub suspend_now {
    my ($code) = @_;
    property(activity_state => 'suspending');
    mkdir "$directory/suspended-session-data";
    open my $out, '>', "$directory/suspended-session-data/counter" or die "rsession: $!\n";
    print $out $counter;
    close $out;
    property(executing => 0);
    property(running => 0);
    property(activity_state => 'suspended');
    unlink $path;
    exit $code;
}

# ---- the loop

sub work {
    while (1) {
        my $executing = $executing_until > time;
        if ($executing_until && !$executing) {
            $executing_until = $burning = 0;
            property(executing => 0);
            event('console_prompt', '"> "');
        }
        suspend_now(EX_FORCE) if $force;
        suspend_now(0) if $suspend && !$executing;
        if ($burning) { my $until = time + 0.02; 1 while time < $until }
        for my $ready ($select->can_read($burning ? 0 : 0.1)) {
            if ($ready == $listener || $ready == $terminal) {
                my $client = $ready->accept or next;
                if (keys %reading > CLIENTS_MOST) { close $client; next }
                $reading{ fileno $client } = { socket => $client, text => '', web => $ready == $terminal };
                $select->add($client);
            } else {
                heard($ready);
            }
        }
        polls();
    }
}

sub heard {
    my ($socket) = @_;
    my $one = $reading{ fileno $socket } or return;
    my $read = sysread $socket, $one->{text}, 65536, length $one->{text};
    return if !defined $read && ($! == EAGAIN || $! == EINTR);
    return gone($socket) unless $read;
    return frames($one) if $one->{open};
    return gone($socket) if length $one->{text} > BODY_MOST;
    my $end = index $one->{text}, "\r\n\r\n";
    return if $end < 0;
    my ($length) = substr($one->{text}, 0, $end + 2) =~ /^Content-Length: (\d+)/mi;
    return if length $one->{text} < $end + 4 + ($length // 0);
    my $head = substr $one->{text}, 0, $end + 2;
    my $body = substr $one->{text}, $end + 4, $length // 0;
    return upgrade($one, $head) if $one->{web};
    request($socket, $head, $body);
}

sub gone {
    my ($socket) = @_;
    @polls = grep { $_->{socket} != $socket } @polls;
    $select->remove($socket);
    delete $reading{ fileno $socket };
    close $socket;
}

sub answer {
    my ($socket, $body, @fields) = @_;
    my $text = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n" . join('', map { "$_\r\n" } @fields)
        . 'Content-Length: ' . length($body) . "\r\nConnection: close\r\n\r\n$body";
    $socket->blocking(1);
    my $done = 0;
    while ($done < length $text) { $done += syswrite($socket, $text, length($text) - $done, $done) // last }
    gone($socket);
}

sub refuse { my ($socket, $code, $message) = @_; answer($socket, "{\"error\":{\"code\":$code,\"message\":\"$message\"}}") }

# ---- what it is asked

sub request {
    my ($socket, $head, $body) = @_;
    my ($target) = $head =~ m{^[A-Z]+ (\S+)};
    my ($name) = split /\?/, $target;
    my ($cookie) = $head =~ /^Cookie:.*?\brs-csrf-token=([^;\r\n]*)/mi;
    my ($token)  = $head =~ /^X-(?:RS-)?CSRF-Token: *([^\r\n]*?) *\r$/mi;
    if ($name =~ m{^/rpc/} && (!defined $cookie || $cookie eq '' || ($token // '') ne $cookie)) {
        return $name eq '/rpc/client_init'
            ? refuse($socket, 13, 'Missing CSRF token')
            : refuse($socket, 3, 'Unauthorized');
    }
    # requests on this queue are what a timer of idleness is reset by
    property(last_used => millis()) unless $name =~ m{^/events/|^/distributed_events|set_currently_editing|^/session/};
    my ($client) = $body =~ /"clientId":"([^"]*)"/;
    if ($name eq '/rpc/client_init') {
        $client_id = sprintf '%08x-%04x', int rand 0xffffffff, $$ & 0xffff;
        @events = ();
        my ($root) = $head =~ /^X-RStudio-Root-Path: *([^\r\n]*?) *\r$/mi;
        return answer($socket, "{\"result\":{\"clientId\":\"$client_id\",\"user\":\"$user\",\"resumed\":$resumed,\"counter\":$counter}}",
            "Set-Cookie: port-token=$port_token; path=" . ($root // '/') . '; HttpOnly');
    }
    return poll($socket, $client // '', $body) if $name eq '/events/get_events';
    return console($socket, $body) if $name eq '/rpc/console_input';
    return answer($socket, '{"result":null}'), $force = 1 if $name eq '/rpc/suspend_session';
    if ($name eq '/rpc/quit_session') {
        answer($socket, '{"result":true}');
        property(running => 0);
        property(activity_state => 'ended');
        unlink $path;
        exit 0;
    }
    if ($name eq '/rpc/port') {
        my ($port) = $body =~ /"params":\[(\d+)/;
        return answer($socket, "{\"result\":\"" . obscured($port // $terminal->sockport) . '"}');
    }
    # beside the contract, for tests: what arrived, and how it stands
    return answer($socket, json_of($head)) if $name eq '/session/headers';
    return answer($socket, standing()) if $name eq '/session/state';
    return answer($socket, '{"result":' . length($body) . '}') if $name eq '/upload';
    return refuse($socket, 7, 'Method not found');
}

sub standing {
    return sprintf '{"user":"%s","uid":%d,"pid":%d,"counter":%d,"resumed":%d,"executing":%d,"cwd":"%s"}', $user, $<, $$,
        $counter, $resumed, $executing_until > time ? 1 : 0, POSIX::getcwd();
}

sub json_of {
    my ($head) = @_;
    my ($first, @lines) = split /\r\n/, $head;
    my $text = join ',', map { my ($n, $v) = split /: */, $_, 2; quoted(lc $n) . ':' . quoted($v // '') } @lines;
    return "{$text}";
}

sub quoted { my ($t) = @_; $t =~ s/(["\\])/\\$1/g; $t =~ s/[\x00-\x1f]/?/g; return "\"$t\"" }

sub console {
    my ($socket, $body) = @_;
    my ($text) = $body =~ /"params":\["((?:[^"\\]|\\.)*)"/;
    $text //= '';
    if ($text =~ /^(busy|pause) (\d+(?:\.\d+)?)$/) {
        $executing_until = time + $2;
        $burning = $1 eq 'busy';
        property(executing => 1);
    } elsif ($text =~ /^say (.*)$/) {
        event('console_output', "\"$1\"");
    } elsif ($text =~ /^project (.+)$/) {
        property(project => $1);
    } else {
        $counter++;
    }
    event('console_write_input', "\"$text\"");
    return answer($socket, '{"result":null}');
}

# ---- events

sub event { my ($type, $data) = @_; push @events, { id => ++$last_event, text => "{\"id\":$last_event,\"type\":\"$type\",\"data\":$data}" } }

sub poll {
    my ($socket, $client, $body) = @_;
    return refuse($socket, 4, 'Invalid client id') if $client ne $client_id;
    my ($last) = $body =~ /"params":\[(-?\d+)/;
    push @polls, { socket => $socket, until => time + $option{'--poll-seconds'}, last => $last // -1, client => $client };
}

sub polls {
    for my $one (@polls) {
        my @new = grep { $_->{id} > $one->{last} } @events;
        if ($one->{client} ne $client_id) { refuse($one->{socket}, 4, 'Invalid client id'); return }
        next if !@new && time < $one->{until};
        answer($one->{socket}, '{"result":[' . join(',', map { $_->{text} } @new) . ']}');
        return;
    }
}

# ---- the terminal: a WebSocket behind an obscured port that says back what it hears

sub obscured {
    my ($port) = @_;
    my ($factor, $mask) = (hex substr($port_token, 0, 4), hex substr $port_token, 4);
    return sprintf '%08x', (($port * 8854) % 65535 * $factor) ^ $mask;
}

sub upgrade {
    my ($one, $head) = @_;
    my ($key) = $head =~ /^Sec-WebSocket-Key: *(\S+)/mi;
    return gone($one->{socket}) unless defined $key;
    my $accept = sha1_base64($key . '258EAFA5-E914-47DA-95CA-C5AB0DC85B11') . '=';
    syswrite $one->{socket},
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: $accept\r\n\r\n";
    $one->{open} = 1;
    $one->{text} =~ s/^.*?\r\n\r\n//s;
    frames($one);
}

sub frames {
    my ($one) = @_;
    while (length $one->{text} >= 6) {
        my ($first, $second) = unpack 'CC', $one->{text};
        my $length = $second & 127;
        return gone($one->{socket}) if $length > 125 || !($second & 128);
        return if length $one->{text} < 6 + $length;
        my $mask = substr $one->{text}, 2, 4;
        my $data = substr($one->{text}, 6, $length) ^ substr $mask x 32, 0, $length;
        substr $one->{text}, 0, 6 + $length, '';
        return gone($one->{socket}) if ($first & 15) == 8;
        syswrite $one->{socket}, pack('CC', $first, $length) . $data;
    }
}
