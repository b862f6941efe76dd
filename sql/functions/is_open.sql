-- Whether somebody still has to do something about an incident of this status.
create function api.is_open(p_status text) returns boolean
language sql immutable
return p_status in ('baru', 'diterima', 'ditangani', 'dibuka_kembali');
