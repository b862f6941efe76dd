-- PostgreSQL tidies a page of a table whenever less of it is free than the fillfactor leaves. Rollups are loaded into half-empty
-- pages (api.load_regions, api.load_roster) and then tidied only when nine tenths are taken, the busier the emptier: at 07:00 every page of a nation is
-- written to many times a second, and tidying it each time was a quarter of what an update cost.
alter table posko.rollup set (fillfactor = 90);
-- Nearly all that is dead in the rollups is taken away by that tidying, and reports are never dead: vacuum need not come by after
-- every fifth of them, in the middle of the surge.
alter table posko.rollup set (autovacuum_vacuum_scale_factor = 1);
alter table posko.report set (autovacuum_vacuum_insert_scale_factor = 1);
-- Nobody searches by a vector of counters or by what a body says; sampling them for the planner took a second of a core each time.
alter table posko.rollup alter counters set statistics 0, alter own set statistics 0;
alter table posko.report alter vals set statistics 0, alter body set statistics 0;
