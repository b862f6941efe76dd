"""How the service itself is: what an admin on duty has to see before the day begins, and all day long."""
