-- GCRA (generic cell rate algorithm): of each key, up to when its allowance is spent (the theoretical arrival time).
-- KEYS: the keys. ARGV, five for each key, in units and us: interval between units; burst (as time); units; how long ago
-- the first of them was taken (0: they are asked for now); how far ahead the caller knows the allowance to be spent.
-- Answers for each key {1 or 0: whether they are granted, us from now to the TAT}; what is refused costs nothing.
-- A value is `at ahead`, not a bare TAT: a clock that is set back (or a replica's that is behind) locks nobody out.
local SLACK_US = 1 -- of rounding
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]
local answers = {}
for i, key in ipairs(KEYS) do
    local argument = 5 * (i - 1)
    local interval, burst = tonumber(ARGV[argument + 1]), tonumber(ARGV[argument + 2])
    local units, ago = tonumber(ARGV[argument + 3]), tonumber(ARGV[argument + 4])
    local known = tonumber(ARGV[argument + 5])
    local spent = -ago
    local at, ahead = string.match(redis.call('GET', key) or '', '^(%d+) ([%d.]+)$')
    if at then
        if now < tonumber(at) then
            redis.call('SET', key, string.format('%.0f %s', now, ahead), 'PX', math.ceil(tonumber(ahead) / 1000))
        end
        spent = math.max(spent, tonumber(ahead) - math.max(0, now - tonumber(at)))
    end
    local after = math.max(spent + units * interval, known)
    if after <= burst + SLACK_US then
        if after > 0 then
            redis.call('SET', key, string.format('%.0f %.3f', now, after), 'PX', math.ceil(after / 1000))
        end
        answers[i] = {1, math.max(0, after)}
    else
        answers[i] = {0, math.max(0, spent)}
    end
end
return answers
