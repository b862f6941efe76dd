-- Held with an account's id while it makes a draft: of two at once the second counts the first.
create function api.drafts_lock() returns int
language sql immutable
return 1685217634; -- "drab"
