"""`posko operation`, `posko roster`, `posko recount`: making operations, their TPS, and proving their numbers."""

from posko.regions.commands.operation import operation
from posko.regions.commands.recount import recount
from posko.regions.commands.roster import roster

__all__ = ["operation", "recount", "roster"]
