# Sends mails of SIZE octets over connections at once, by smtplib and STARTTLS.
#   python3 smtplib-many.py PORT AUTHORITIES CONNECTIONS MAILS SIZE
import concurrent.futures
import smtplib
import ssl
import sys

port, authorities, connections, mails, size = sys.argv[1:]
context = ssl.create_default_context(cafile=authorities)
line = 'The quick brown fox jumps over the lazy dog, and once more.\r\n'
body = line * (int(size) // len(line))


def send(connection):
    client = smtplib.SMTP('localhost', int(port), timeout=60)
    client.starttls(context=context)
    for mail in range(int(mails)):
        name = f'{connection}-{mail}'
        client.sendmail(f'{name}@from.test', [f'{name}@sink.test'],
                        f'Subject: {name}\r\n\r\n{body}end of {name}\r\n')
    client.quit()


with concurrent.futures.ThreadPoolExecutor(int(connections)) as pool:
    list(pool.map(send, range(int(connections))))
