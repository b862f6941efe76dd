"""What was not said: obligations, excuses, outages, and the alarms of it."""
