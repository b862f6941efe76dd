"""`make bench`: how much posko takes, and how fast, against honest baselines on the same machine in the same run."""
