"""Telling the console: the wire's vocabulary, topics, fan-out, sockets; and a client of it."""
