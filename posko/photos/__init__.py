"""Photos and voice notes: promised by a report, sent after it, sealed; photos are decoded, apart."""
