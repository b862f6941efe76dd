-- Whose obligation covers a TPS: its kelurahan (or the root of a tree that begins below), unless it has one of its own.
create function api.owing_node(n posko.node, p_root_level int) returns int
language sql immutable
return n.path[greatest(1, 5 - p_root_level)];
