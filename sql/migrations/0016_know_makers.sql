-- Who made an operation over HTTP: an account has a limited number of drafts. Null: the owner's command did, or it is older.
alter table posko.operation add column made_by int references posko.account;
