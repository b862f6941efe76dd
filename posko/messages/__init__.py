"""Telling people: who is told at the desk of a region, what, when, and by which channel it goes out."""
