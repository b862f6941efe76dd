-- name: schema_is_there :value
select to_regprocedure('posko.now()') is not null;
