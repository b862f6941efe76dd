-- Drafts that one account may have at a time. Each may hold a whole province, 60 MB of it.
create function api.drafts_limit() returns int
language sql immutable
return 20;
