"""A program of its own: speaks Redis' protocol on the loopback port it is given, until it is stopped."""

import sys

from fakeredis import TcpFakeServer

TcpFakeServer.allow_reuse_address = True  # started again at once, it must get its port back
TcpFakeServer.daemon_threads = True

if __name__ == "__main__":
    TcpFakeServer(("127.0.0.1", int(sys.argv[1]))).serve_forever()
