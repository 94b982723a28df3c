# Sends the mail that it reads by Net::SMTP over TLS to localhost, which it verifies.
#   perl net-smtp.pl starttls|implicit PORT AUTHORITIES SENDER RECIPIENT
use strict;
use warnings;
use Net::SMTP;

my ($mode, $port, $authorities, $sender, $recipient) = @ARGV;
my @mail = <STDIN>;
my @trust = (SSL_ca_file => $authorities);
my @first = $mode eq 'implicit' ? (SSL => 1, @trust) : ();
my $client = Net::SMTP->new('localhost', Port => $port, @first) or die "no connection: $@";
$mode eq 'implicit' or $client->starttls(@trust) or die "no TLS: $@";
$client->mail($sender) && $client->to($recipient) && $client->data(@mail)
  or die 'refused: ' . $client->message;
$client->quit;
