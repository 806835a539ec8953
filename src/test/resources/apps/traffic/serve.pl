# A web server for tests of what takes long. All content is numbered lines of 16 bytes, so that each byte's place shows.
#   GET /download/N   N lines
#   POST /upload      says "lines N", or where the first wrong one stands
#   GET /raw          upgrades to bytes that come back, then says how many they were
use strict;
use warnings;
use IO::Socket::UNIX;

use constant AT_ONCE => 4096;

$SIG{CHLD} = 'IGNORE';
$SIG{PIPE} = 'IGNORE';
my $listener = IO::Socket::UNIX->new(Local => $ARGV[0], Listen => 16) or die "can't listen: $!";
while (1) {
    my $client = $listener->accept or next;
    next if fork;
    close $listener;
    serve($client);
    exit 0;
}

sub lines {
    my ($from, $to) = @_;
    return join '', map { sprintf "%015d\n", $_ } $from .. $to - 1;
}

sub say_all {
    my ($client, $text) = @_;
    my $at = 0;
    while ($at < length $text) { $at += syswrite($client, $text, length($text) - $at, $at) // exit 0 }
}

sub answer {
    my ($client, $text) = @_;
    say_all($client, "HTTP/1.1 200 OK\r\nContent-Length: " . length($text) . "\r\n\r\n$text");
}

sub serve {
    my ($client) = @_;
    my $in = '';
    while (1) {
        while ($in !~ /\r\n\r\n/) { sysread($client, $in, 65536, length $in) or return }
        my ($head, $rest) = split /\r\n\r\n/, $in, 2;
        $in = $rest;
        if ($head =~ m{^GET /download/(\d+)}) { download($client, $1) }
        elsif ($head =~ m{^POST /upload.*^content-length: (\d+)}msi) { upload($client, \$in, $1) }
        elsif ($head =~ m{^GET /raw}) { return raw($client, $in) }
        else { answer($client, 'ok') }
    }
}

sub download {
    my ($client, $lines) = @_;
    say_all($client, "HTTP/1.1 200 OK\r\nContent-Length: " . 16 * $lines . "\r\n\r\n");
    for (my $at = 0; $at < $lines; $at += AT_ONCE) {
        my $to = $at + AT_ONCE;
        say_all($client, lines($at, $to < $lines ? $to : $lines));
    }
}

sub upload {
    my ($client, $in, $left) = @_;
    my ($line, $wrong) = (0, undef);
    while ($left > 0) {
        while (length $$in < 16) { sysread($client, $$in, 65536, length $$in) or return }
        my $whole = int(length($$in) / 16);
        $whole = int($left / 16) if $whole > int($left / 16);
        my $text = substr($$in, 0, 16 * $whole, '');
        $wrong //= $line if $text ne lines($line, $line + $whole);
        $line += $whole;
        $left -= 16 * $whole;
    }
    answer($client, defined $wrong ? "wrong after $wrong" : "lines $line");
}

sub raw {
    my ($client, $in) = @_;
    my $count = 0;
    say_all($client, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n");
    while (1) {
        say_all($client, $in);
        $count += length $in;
        sysread($client, $in, 65536) or last;
    }
    say_all($client, "bytes $count");
}
