#!/bin/sh
# Runs once, when docker-compose.yml makes its volume: a role and a database for posko.
# The role is not a superuser, because row-level security does not hold for one; the superuser loses its password, so
# that it can only log in from inside the container.
set -eu
psql --no-psqlrc --set ON_ERROR_STOP=1 --set password="$POSTGRES_PASSWORD" --username postgres postgres <<'SQL'
create role posko login createrole password :'password';
grant pg_monitor, pg_checkpoint, pg_signal_backend to posko;
create database posko owner posko;
alter role postgres password null;
SQL
