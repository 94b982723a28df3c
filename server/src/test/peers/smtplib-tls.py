# Sends the mail that it reads by smtplib over TLS to localhost, which it verifies. Where it is given
# a name and a password it logs in by the mechanism.
#   python3 smtplib-tls.py starttls|implicit PORT AUTHORITIES SENDER RECIPIENT [MECHANISM NAME PASSWORD]
import smtplib
import ssl
import sys

mode, port, authorities, sender, recipient, *account = sys.argv[1:]
context = ssl.create_default_context(cafile=authorities)
if mode == 'implicit':
    client = smtplib.SMTP_SSL('localhost', int(port), context=context)
else:
    client = smtplib.SMTP('localhost', int(port))
    client.starttls(context=context)
if account:
    mechanism, client.user, client.password = account
    client.ehlo()
    client.auth(mechanism, {'PLAIN': client.auth_plain, 'LOGIN': client.auth_login}[mechanism])
client.sendmail(sender, [recipient], sys.stdin.buffer.read())
client.quit()
