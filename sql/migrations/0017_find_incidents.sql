-- Incidents of the TPS of a number, wherever: 'TPS 7' without a place.
create index incident_by_tps on posko.incident (operation_id, right(place, 4), number);
