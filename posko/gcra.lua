-- GCRA (generic cell rate algorithm): of each key, the moment (us since 1970) up to which its allowance is spent: the TAT.
-- KEYS: the keys. ARGV, three for each key: interval between units (us), burst (us), units wanted.
-- Answers for each key {1 or 0: whether they are granted, us from now to the TAT}; what is refused costs nothing.
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]
local answers = {}
for i, key in ipairs(KEYS) do
    local interval, burst = tonumber(ARGV[3 * i - 2]), tonumber(ARGV[3 * i - 1])
    local tat = math.max(now, tonumber(redis.call('GET', key) or now))
    local after = tat + interval * tonumber(ARGV[3 * i])
    if after - now <= burst then
        redis.call('SET', key, string.format('%.0f', after), 'PX', math.ceil((after - now) / 1000) + 1)
        answers[i] = {1, after - now}
    else
        answers[i] = {0, tat - now}
    end
end
return answers
