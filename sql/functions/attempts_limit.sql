-- How often a message is tried: with api.retry_after that is two hours.
create function api.attempts_limit() returns int
language sql immutable
return 16;
