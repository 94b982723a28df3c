# Logs in by smtplib in clear, says MAIL, begins TLS with localhost, which it verifies, says MAIL, logs
# in again and says MAIL. Prints the code of each reply to MAIL.
#   python3 smtplib-login-starttls.py PORT AUTHORITIES NAME PASSWORD
import smtplib
import ssl
import sys

port, authorities, name, password = sys.argv[1:]
client = smtplib.SMTP('localhost', int(port))
client.login(name, password)
print(client.mail('a@from.test')[0])
client.rset()
client.starttls(context=ssl.create_default_context(cafile=authorities))
client.ehlo()
print(client.mail('a@from.test')[0])
client.login(name, password)
print(client.mail('a@from.test')[0])
client.quit()
