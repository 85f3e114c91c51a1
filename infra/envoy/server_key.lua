-- Who calls: a shop's server whose key this installation knows, or somebody else.
--
-- Rollout writes the keys into the routes as SHA-256 -> {tenant, id, expires_at}, so no key lies in a configuration. A good key
-- gets the header `x-recommndr-key` (its id) and its tenant as metadata; the filters behind this one go by both. Everybody else
-- is treated as a browser: a made-up key has a browser's limits, and the token filter refuses it.
local bit = require("bit")
local band, bnot, bxor = bit.band, bit.bnot, bit.bxor
local ror, rshift, tobit, tohex = bit.ror, bit.rshift, bit.tobit, bit.tohex
local byte, char, rep = string.byte, string.char, string.rep

local KEY_HEADER = "x-recommndr-key"
local METADATA = "recommndr.caller"
local MAX_KEY_CHARS = 200
-- Digests of good keys are remembered, so that a known key costs one look-up. The memory of one worker; the request holds the
-- key anyway. Whether a digest is still good is asked each time.
local MAX_REMEMBERED = 1000

-- FIPS 180-4, 4.2.2.
local ROUND = {
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
  0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
  0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
  0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
  0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
  0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
  0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
  0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
}

local words = {}

local function compress(state, block, at)
  for i = 1, 16 do
    local a, b, c, d = byte(block, at + 4 * i - 4, at + 4 * i - 1)
    words[i] = tobit(a * 0x1000000 + b * 0x10000 + c * 0x100 + d)
  end
  for i = 17, 64 do
    local x, y = words[i - 15], words[i - 2]
    local s0 = bxor(ror(x, 7), ror(x, 18), rshift(x, 3))
    local s1 = bxor(ror(y, 17), ror(y, 19), rshift(y, 10))
    words[i] = tobit(words[i - 16] + s0 + words[i - 7] + s1)
  end
  local a, b, c, d, e, f, g, h = unpack(state)
  for i = 1, 64 do
    local s1 = bxor(ror(e, 6), ror(e, 11), ror(e, 25))
    local t1 = tobit(h + s1 + bxor(band(e, f), band(bnot(e), g)) + tobit(ROUND[i]) + words[i])
    local s0 = bxor(ror(a, 2), ror(a, 13), ror(a, 22))
    local t2 = tobit(s0 + bxor(band(a, b), band(a, c), band(b, c)))
    h, g, f, e, d, c, b, a = g, f, e, tobit(d + t1), c, b, a, tobit(t1 + t2)
  end
  local add = {a, b, c, d, e, f, g, h}
  for i = 1, 8 do
    state[i] = tobit(state[i] + add[i])
  end
end

-- Of at most MAX_KEY_CHARS bytes: the length in bits fits into two bytes.
local function sha256(text)
  local bits = #text * 8
  local padded = text .. "\128" .. rep("\0", (55 - #text) % 64 + 6) .. char(rshift(bits, 8), band(bits, 255))
  local state = {
    0x6a09e667, tobit(0xbb67ae85), 0x3c6ef372, tobit(0xa54ff53a), 0x510e527f, tobit(0x9b05688c), 0x1f83d9ab, 0x5be0cd19,
  }
  for at = 1, #padded, 64 do
    compress(state, padded, at)
  end
  for i = 1, 8 do
    state[i] = tohex(state[i])
  end
  return table.concat(state)
end

local remembered, n_remembered = {}, 0

local function remember(key, digest)
  if n_remembered >= MAX_REMEMBERED then
    remembered, n_remembered = {}, 0
  end
  remembered[key], n_remembered = digest, n_remembered + 1
end

-- What rollout says of a key; nil for a key that is unknown, revoked or expired.
local function known(handle, key)
  if #key > MAX_KEY_CHARS then
    return nil
  end
  local digest = remembered[key]
  local said = handle:filterContext():get(digest or sha256(key))
  if said == nil or (said.expires_at ~= nil and os.time() >= tonumber(said.expires_at)) then
    return nil
  end
  if digest == nil then
    remember(key, sha256(key))
  end
  return said
end

function envoy_on_request(handle)
  local headers = handle:headers()
  headers:remove(KEY_HEADER) -- nobody names its own key
  if headers:getNumValues("authorization") ~= 1 then
    return
  end
  local scheme, credential = headers:get("authorization"):match("^(%a+) +(.-) *$")
  if scheme == nil or scheme:lower() ~= "bearer" then
    return
  end
  headers:replace("authorization", "Bearer " .. credential) -- schemes have no case; the filters behind compare letters
  if credential:sub(1, 3) ~= "rk_" then
    return
  end
  local metadata, key = handle:streamInfo():dynamicMetadata(), known(handle, credential)
  if key == nil then
    metadata:set(METADATA, "refused", "server key")
    return
  end
  metadata:set(METADATA, "tenant", key.tenant)
  headers:replace(KEY_HEADER, key.id)
end
