-- How the service is, for an admin. Runs as posko_app.

-- name: facts :one
select at, bytes, late_s, webhooks_endpoints, webhooks_failing, webhooks_failing_since, webhooks_waiting, webhooks_waiting_since, webhooks_parked, webhooks_dead,
       messages_waiting, messages_waiting_since, messages_failed, messages_failed_at
from api.condition($1, $2);
