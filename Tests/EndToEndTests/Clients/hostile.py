"""Clients that mean no good, against a gateway of this machine: usage: hostile.py PORT PID"""

import pathlib
import re
import socket
import sys
import threading
import time
import urllib.request

port, pid = int(sys.argv[1]), sys.argv[2]


def memory():
    return int(re.search(r"VmRSS:\s+(\d+)", pathlib.Path(f"/proc/{pid}/status").read_text()).group(1)) / 1024


def connect():
    connection = socket.create_connection(("127.0.0.1", port))
    connection.settimeout(60)
    return connection


def answer(connection):
    """All that comes until the other side closes."""
    text = b""
    try:
        while part := connection.recv(65536):
            text += part
    except ConnectionError:
        pass
    return text.decode(errors="replace")


def trickle(head):
    """Sends a byte now and then, for ever; returns once the other side has had enough."""
    connection = connect()
    connection.sendall(head)
    connection.settimeout(0.1)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            connection.sendall(b"x")
            if connection.recv(65536) == b"":
                return
        except TimeoutError:
            continue
        except OSError:
            return
    raise SystemExit(f"a client that trickles {head[:40]} is never cut off")


def is_served():
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/ready", timeout=30) as ready:
        assert ready.status == 200


def vast_body():
    connection = connect()
    head = "POST /tasks/send_alert HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Length: 104857600\r\n\r\n"
    connection.sendall(head.encode())
    try:
        for _ in range(1600):
            connection.sendall(b" " * 65536)
    except OSError:
        pass
    text = answer(connection)
    assert " 413 " in text or text == "", text[:200]


def endless_chunks():
    connection = connect()
    connection.sendall(b"POST /batch HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n")
    try:
        for _ in range(1600):
            connection.sendall(b"10000\r\n" + b" " * 65536 + b"\r\n")
        connection.sendall(b"0\r\n\r\n")
    except OSError:
        pass
    text = answer(connection)
    assert " 413 " in text or text == "", text[:200]


def header_flood():
    connection = connect()
    try:
        connection.sendall(b"GET /queues HTTP/1.1\r\nHost: 127.0.0.1\r\n")
        for number in range(20000):
            connection.sendall(f"X-Flood-{number}: {'y' * 100}\r\n".encode())
        connection.sendall(b"\r\n")
    except OSError:
        pass
    assert " 200 " not in answer(connection)


def nonsense():
    for text in (b"\x00\xff\x16\x03\x01", b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"GET /\xff\xfe HTTP/1.1\r\nHost: a\r\n\r\n"):
        connection = connect()
        connection.sendall(text)
        connection.shutdown(socket.SHUT_WR)
        assert " 500 " not in answer(connection)


is_served()
before = memory()
slow = [
    threading.Thread(target=trickle, args=(b"POST /batch HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000\r\n\r\n",))
    for _ in range(50)
] + [threading.Thread(target=trickle, args=(b"GET /queues HTTP/1.1\r\nHost: ",))]
for thread in slow:
    thread.start()
for attack in (vast_body, endless_chunks, header_flood, nonsense):
    attack()
    is_served()
for thread in slow:
    thread.join()
is_served()
grown = memory() - before
# Flat: far from what was sent at it. A batch of 16 MiB may be in memory, once as it came and once as it is read.
assert grown < 96, f"memory grew by {grown:.0f} MiB"
print(f"all cut off; memory grew by {grown:.0f} MiB")
