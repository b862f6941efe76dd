"""Where: operations, the region tree, the TPS roster, rollups and snapshots."""
