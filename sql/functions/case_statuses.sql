-- The statuses of incidents that are counted, in the order of their counters; digabung and batal are not.
create function api.case_statuses() returns text[]
language sql immutable
return array['baru', 'diterima', 'ditangani', 'selesai', 'ditutup', 'dibuka_kembali'];
