# Sends the mail that it reads by smtplib over TLS to localhost, which it verifies.
#   python3 smtplib-tls.py starttls|implicit PORT AUTHORITIES SENDER RECIPIENT
import smtplib
import ssl
import sys

mode, port, authorities, sender, recipient = sys.argv[1:]
context = ssl.create_default_context(cafile=authorities)
if mode == 'implicit':
    client = smtplib.SMTP_SSL('localhost', int(port), context=context)
else:
    client = smtplib.SMTP('localhost', int(port))
    client.starttls(context=context)
client.sendmail(sender, [recipient], sys.stdin.buffer.read())
client.quit()
