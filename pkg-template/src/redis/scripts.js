/**
 * What runs inside Redis, as one step each. Redis 5 or later: before, a script that had looked at the clock could not
 * write.
 *
 * Beside a value stands its *record*: "<version> <write> <write> ...". The version is the moment of the last change in
 * microseconds of Redis's clock, raised where needed so that it is greater than those before it; the writes are the
 * names of the last changes, newest first.
 */

/** How long the record of a deletion is kept, milliseconds. */
export const MEMORY = 86_400_000;

/** How many changes a record names. No more come while one of them may still be sent again. */
const NAMED = 32;

/** Value, record and clock. KEYS: value, record. */
export const READ = `local time = redis.call('TIME')
return {redis.call('GET', KEYS[1]), redis.call('GET', KEYS[2]) or '0', time[1], time[2]}`;

/** Record and clock. KEYS: record. */
export const LOOK = `local time = redis.call('TIME')
return {redis.call('GET', KEYS[1]) or '0', time[1], time[2]}`;

/**
 * A change. KEYS: value, record. ARGV: the name of the change, the deadline in microseconds of Redis's clock, a version
 * to go beyond, the channel, the new value. Gives the version that then holds, with " untold" where it may not be told; or "late".
 *
 * A client whose connection broke sends again what had no answer, at once or minutes later. So nothing is done twice,
 * and nothing after the deadline.
 *
 * @param {string} change
 * @param {string} [condition]
 */
const written = (change, condition = "") => `local record = redis.call('GET', KEYS[2]) or '0'
local version = string.match(record, '^%d+') or '0'
if string.find(record, ARGV[1], 1, true) then return version end
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
if now > tonumber(ARGV[2]) then return 'late' end
${condition}
version = string.format('%.0f', math.max(now, tonumber(version) + 1, tonumber(ARGV[3]) + 1))
record = version .. ' ' .. ARGV[1] .. string.sub(string.match(record, ' .*') or '', 1, ${NAMED * 17})
${change}
local told = redis.pcall('PUBLISH', ARGV[4], '')
if type(told) == 'table' and told.err then return version .. ' untold' end
return version`;

const PUT = `redis.call('SET', KEYS[1], ARGV[5])
redis.call('SET', KEYS[2], record)`;

const REMOVE = `redis.call('DEL', KEYS[1])
redis.call('SET', KEYS[2], record, 'PX', ${MEMORY})`;

/** ARGV[6]: "=" and the value that has to be there, or "-" for none. Gives "other" where it is not so. */
const EXPECTED = `local found = redis.call('GET', KEYS[1])
if (found and '=' .. found or '-') ~= ARGV[6] then return 'other' end`;

export const SET = written(PUT);
export const DELETE = written(REMOVE);
export const SWAP_SET = written(PUT, EXPECTED);
export const SWAP_DELETE = written(REMOVE, EXPECTED);

/**
 * Takes a lock that is free, or keeps what is held. Gives 1 to its holder. KEYS: lock, held. ARGV: owner, how long the lock lasts, how long the other record is kept, how
 * long a holder is waited for whose lock has ended (all milliseconds), "wait" to take none of a holder that may live, "keep" to take none at all.
 *
 * A lock that ended without being given back is not free yet: its holder may live, and Redis have been asleep or away. Whoever finds it so writes down when
 * that was; it is free when the holder, whose commands Redis answers by then, has not come for a while.
 */
export const TAKE = `local owner = redis.call('GET', KEYS[1])
if owner and owner ~= ARGV[1] then return 0 end
if not owner then
local who, since = string.match(redis.call('GET', KEYS[2]) or '', '^(%x+) ?(%d*)$')
if who and who ~= ARGV[1] then
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
if since == '' then
redis.call('SET', KEYS[2], who .. ' ' .. string.format('%.0f', now), 'PX', ARGV[3])
return 0
end
if ARGV[5] ~= 'take' or now - tonumber(since) < tonumber(ARGV[4]) then return 0 end
end
if ARGV[5] == 'keep' then return 0 end
end
if owner then redis.call('PEXPIRE', KEYS[1], ARGV[2]) else redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) end
redis.call('SET', KEYS[2], ARGV[1], 'PX', ARGV[3])
return 1`;

/** Gives a lock back, if it still is its owner's. KEYS: lock, held. ARGV: owner. */
export const RELEASE = `local owner = redis.call('GET', KEYS[1])
if owner and owner ~= ARGV[1] then return 0 end
if owner then redis.call('DEL', KEYS[1]) end
if string.match(redis.call('GET', KEYS[2]) or '', '^%x+') == ARGV[1] then redis.call('DEL', KEYS[2]) end
return 1`;
