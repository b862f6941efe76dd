-- How long after its n-th attempt a message is tried again.
create function api.retry_after(p_attempts int) returns interval
language sql immutable
return coalesce((array[interval '5 seconds', interval '15 seconds', interval '1 minute', interval '5 minutes'])[p_attempts], interval '10 minutes');
