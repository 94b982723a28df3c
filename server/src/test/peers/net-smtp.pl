# Sends the mail that it reads by Net::SMTP over TLS to localhost, which it verifies. Where it is given
# a name and a password it logs in by the mechanism.
#   perl net-smtp.pl starttls|implicit PORT AUTHORITIES SENDER RECIPIENT [MECHANISM NAME PASSWORD]
use strict;
use warnings;
use Net::SMTP;

my ($mode, $port, $authorities, $sender, $recipient, $mechanism, $name, $password) = @ARGV;
my @mail = <STDIN>;
my @trust = (SSL_ca_file => $authorities);
my @first = $mode eq 'implicit' ? (SSL => 1, @trust) : ();
my $client = Net::SMTP->new('localhost', Port => $port, @first) or die "no connection: $@";
$mode eq 'implicit' or $client->starttls(@trust) or die "no TLS: $@";
if (defined $mechanism) {
  require Authen::SASL;
  my %answers = (user => $name, authname => '', pass => $password);
  $client->auth(Authen::SASL->new(mechanism => $mechanism, callback => \%answers))
    or die 'no login: ' . $client->message;
}
$client->mail($sender) && $client->to($recipient) && $client->data(@mail)
  or die 'refused: ' . $client->message;
$client->quit;
