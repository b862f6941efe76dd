"""Telling the console: the wire's vocabulary, topics, fan-out, socket, client."""
