-- What a review of the running day found: names of guards are a place's own, requests are a desk's, an approval that could not be carried out says why.
-- Keeps promise 9 (nobody sees or writes outside their scope).

-- A name is the place's whose TPS the guard has: two units have an "Aiptu Budi" each, and neither learns of the other's.
drop index posko.guard_standing;
create unique index guard_standing on posko.guard (operation_id, lower(name), node_id) where withdrawn_at is null;
