-- What is said when an alarm is accepted; desks by code, to list who sits where.

alter table posko.alarm
    add acknowledged_said text check (length(acknowledged_said) between 1 and 500),
    add check (acknowledged_said is null or acknowledged_by is not null);

-- Of a nation there are ninety thousand desks among nine hundred thousand places.
create index node_by_desk on posko.node (operation_id, code) include (level) where level < 6;
