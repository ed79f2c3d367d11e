"""A TCP proxy that adds a fixed delay each way: `delay_proxy.py PORT TARGET_PORT MS_EACH_WAY`.

Why a proxy: `tc netem` in a network namespace would distort least, but many kernels (containers, minimal guests)
lack the netem module, so the figures would not be repeatable. This one stays out of the way as far as it can: every
chunk read is queued whole with the time it is due, one pass forwards all that is due, nothing is parsed or copied
twice. `select` makes the wait because its timeout is in microseconds; epoll's is rounded up to a millisecond.
"""

from __future__ import annotations

import collections
import select
import socket
import sys
import time

CHUNK = 1 << 18


class Flow:
    """One direction of a connection: bytes read here leave by `peer`."""

    def __init__(self, source: socket.socket) -> None:
        source.setblocking(False)
        source.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket = source
        self.peer: Flow
        self.unsent = bytearray()  # due, but the kernel's buffer was full
        self.ended = False  # nothing more will come for this side

    def forward(self, data: bytes) -> bool:
        """Send, or keep what the kernel does not take; empty data is the end. Returns whether some is kept."""
        self.ended = self.ended or not data
        try:
            if not self.unsent:
                data = data[self.socket.send(data):] if data else data
            self.unsent += data
            if self.ended and not self.unsent:
                self.socket.shutdown(socket.SHUT_WR)
        except BlockingIOError:
            self.unsent += data
        except OSError:
            self.unsent.clear()  # this side is gone; its own end of file ends the pair
        if self.ended and self.peer.ended and not self.unsent:
            self.socket.close()
            self.peer.socket.close()
        return bool(self.unsent)

    def flush(self) -> bool:
        """Send what was kept; returns whether some still is."""
        data = bytes(self.unsent)
        self.unsent.clear()
        return self.forward(data)


def _connect(listener: socket.socket, target_port: int) -> tuple[Flow, Flow]:
    client, _ = listener.accept()
    near, far = Flow(client), Flow(socket.create_connection(("127.0.0.1", target_port)))
    near.peer, far.peer = far, near
    return near, far


def serve(port: int, target_port: int, delay: float) -> None:
    """Forward connections from `port` to `target_port` for ever."""
    listener = socket.create_server(("127.0.0.1", port), backlog=512)
    epoll = select.epoll()
    epoll.register(listener, select.EPOLLIN)
    flows: dict[int, Flow] = {}
    # One constant delay, so the queue is in order of due time.
    pending: collections.deque[tuple[float, Flow, bytes]] = collections.deque()
    now = time.monotonic

    def receive(flow: Flow) -> None:
        try:
            data = flow.socket.recv(CHUNK)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        pending.append((now() + delay, flow.peer, data))
        if not data:  # Redis clients never close one direction alone, so nothing kept here is still wanted
            del flows[flow.socket.fileno()]
            epoll.unregister(flow.socket)

    def handle(descriptor: int, event: int) -> None:
        if descriptor == listener.fileno():
            for one in _connect(listener, target_port):
                flows[one.socket.fileno()] = one
                epoll.register(one.socket, select.EPOLLIN)
        elif flow := flows.get(descriptor):
            if event & select.EPOLLOUT and not flow.flush():
                epoll.modify(descriptor, select.EPOLLIN)
            if event & ~select.EPOLLOUT:
                receive(flow)

    while True:
        wait = max(0.0, pending[0][0] - now()) if pending else 1.0
        # epoll inside select: microsecond timeout, cost independent of connections.
        if select.select([epoll], [], [], wait)[0]:
            for descriptor, event in epoll.poll(0):
                handle(descriptor, event)
        moment = now()
        while pending and pending[0][0] <= moment:
            _, flow, data = pending.popleft()
            if flow.forward(data) and flow.socket.fileno() in flows:
                epoll.modify(flow.socket, select.EPOLLIN | select.EPOLLOUT)


if __name__ == "__main__":
    serve(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]) / 1000)
