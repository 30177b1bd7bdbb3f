-- A plan is made once in a session, and not at each call: with few jobs waiting, PostgreSQL takes a plan for just these
-- parameters to be cheaper than one for all, and then making it takes longer than what it does. All rows are asked
-- for by key, so there is nothing that a plan could gain from knowing the parameters.
--
-- And no plan is compiled: a way of reading that has been ruled out counts as ten thousand million units of cost in
-- servers before PostgreSQL 18, which compiles everything whose cost is over a limit.
alter function holdfast_exchange(bigint, jsonb, integer, boolean, integer, integer, interval, jsonb, timestamptz)
  set plan_cache_mode = force_generic_plan;
alter function holdfast_exchange(bigint, jsonb, integer, boolean, integer, integer, interval, jsonb, timestamptz)
  set jit = off;
alter function holdfast_enqueue(jsonb, timestamptz) set plan_cache_mode = force_generic_plan;
alter function holdfast_enqueue(jsonb, timestamptz) set jit = off;
