-- Texts in: gateways (SMS, WhatsApp, Telegram) with the keys that they sign with, whose account a sender is, which messages have come.
-- Keeps promise 1 (the same message again gets the same receipts) and 9 (a text files what its sender's seat may, and nothing else).

create table posko.gateway (
    id           int generated always as identity primary key,
    operation_id int not null references posko.operation,
    channel      text collate "C" not null check (channel in ('sms', 'whatsapp', 'telegram')),
    name         text not null check (length(name) between 1 and 60 and name !~ '[[:cntrl:]]'),
    added_by     int references posko.account,                    -- null: the owner at the command line
    added_at     timestamptz not null,
    closed_by    int references posko.account,
    closed_at    timestamptz,
    check (closed_by is null or closed_at is not null)
);
create unique index gateway_once on posko.gateway (operation_id, channel, name) where closed_at is null;
create index gateway_by_channel on posko.gateway (channel) where closed_at is null;

create table posko.gateway_key (
    id         int generated always as identity primary key,
    gateway_id int not null references posko.gateway,
    sealed     bytea not null,                                    -- with the service's key
    made_at    timestamptz not null,
    ends_at    timestamptz                                        -- set when another takes its place
);
create unique index gateway_key_current on posko.gateway_key (gateway_id) where ends_at is null;
create index gateway_key_by_gateway on posko.gateway_key (gateway_id);

-- Whose a number or chat is: a keyed digest, and its last digits to tell one's numbers apart.
create table posko.sender (
    id         int generated always as identity primary key,
    account_id int not null references posko.account,
    channel    text collate "C" not null check (channel in ('sms', 'whatsapp', 'telegram')),
    digest     bytea not null check (length(digest) = 32),
    hint       text collate "C" not null check (length(hint) <= 3),
    regions    text[] collate "C" not null check (cardinality(regions) between 1 and 64), -- what whoever added it held: it speaks for no seat beyond
    operation_id int references posko.operation,                  -- of theirs; null: every one
    added_by   int references posko.account,
    added_at   timestamptz not null,
    unique (channel, digest)
);
create index sender_by_account on posko.sender (account_id);

-- Which messages have come, and when they count as sent; not what they said.
create table posko.text_received (
    gateway_id  int not null references posko.gateway,
    message_id  text collate "C" not null check (length(message_id) between 1 and 128),
    digest      bytea not null check (length(digest) = 32),       -- of the body
    received_at timestamptz not null,
    sent_at     timestamptz not null,                             -- on the operation's clock
    primary key (gateway_id, message_id)
);
create index text_received_by_time on posko.text_received (received_at);

alter table posko.incident_entry drop constraint incident_entry_channel_check;
alter table posko.incident_entry add constraint incident_entry_channel_check
    check (channel in ('app', 'desk', 'sms', 'whatsapp', 'telegram', 'radio', 'telepon', 'api', 'posko'));
