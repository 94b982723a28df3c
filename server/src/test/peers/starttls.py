# Takes mail in clear and says STARTTLS in EHLO. It breaks each handshake that follows its 220, or
# has a file with certificate and key.
#   python3 starttls.py PORT close|reset|garbage|PEM
# Prints a line for each connection, each STARTTLS, each session of TLS and each mail.
import socket
import ssl
import struct
import sys
import threading

port, way = sys.argv[1:]
if way not in ('close', 'reset', 'garbage'):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(way)


def serve(connection):
    lines = connection.makefile('rb')
    secured = False

    def say(text):
        connection.sendall(text.encode() + b'\r\n')

    say('220 broken.test ESMTP')
    while line := lines.readline():
        verb = line.split()[0].upper()
        if verb == b'EHLO':
            say('250 broken.test' if secured else '250-broken.test\r\n250 STARTTLS')
        elif verb == b'STARTTLS':
            print('STARTTLS', flush=True)
            say('220 ready')
            if way == 'garbage':
                say('I am no TLS record, and never was one.')
                # What it is sent is read, or its own words would be lost.
                while lines.read(1):
                    pass
            if way in ('close', 'reset', 'garbage'):
                if way != 'garbage':
                    lines.read1(65536)
                if way == 'reset':
                    connection.setsockopt(
                        socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
                return
            connection = context.wrap_socket(connection, server_side=True)
            print('resumed session' if connection.session_reused else 'new session', flush=True)
            lines = connection.makefile('rb')
            secured = True
        elif verb == b'DATA':
            say('354 go on')
            while lines.readline() not in (b'.\r\n', b''):
                pass
            print('mail secured' if secured else 'mail in clear', flush=True)
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
