# Takes mail in clear, says STARTTLS in EHLO, and breaks each handshake that follows its 220.
#   python3 broken-tls.py PORT close|garbage
# Prints a line for each connection, each STARTTLS and each mail.
import socket
import sys
import threading

port, way = sys.argv[1:]


def serve(connection):
    lines = connection.makefile('rb')

    def say(text):
        connection.sendall(text.encode() + b'\r\n')

    say('220 broken.test ESMTP')
    for line in lines:
        verb = line.split()[0].upper()
        if verb == b'EHLO':
            say('250-broken.test\r\n250 STARTTLS')
        elif verb == b'STARTTLS':
            print('STARTTLS', flush=True)
            say('220 ready')
            if way == 'garbage':
                say('I am no TLS record, and never was one.')
                # What it is sent is read, or its own words would be lost.
                while lines.read(1):
                    pass
            return
        elif verb == b'DATA':
            say('354 go on')
            while lines.readline() not in (b'.\r\n', b''):
                pass
            print('mail in clear', flush=True)
            say('250 kept')
        elif verb == b'QUIT':
            say('221 bye')
            return
        else:
            say('250 fine')


def run(connection):
    try:
        with connection:
            serve(connection)
    except OSError:
        pass


listener = socket.create_server(('127.0.0.1', int(port)))
print('listening', flush=True)
while True:
    peer, _ = listener.accept()
    print('connection', flush=True)
    threading.Thread(target=run, args=(peer,), daemon=True).start()
