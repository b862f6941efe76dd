"""Photo evidence: promised by a report, sent after it, decoded apart, sealed."""
