-- How an object of the ten kinds is doing, for Argo CD: its conditions, as the operator writes them (resources/reasons.ts).
local health = { status = "Progressing", message = "The operator has not looked at this version yet." }

local conditions = {}
if obj.status ~= nil and obj.status.conditions ~= nil then
  for _, condition in ipairs(obj.status.conditions) do
    -- What was said of an earlier version says nothing of this one.
    if condition.observedGeneration == nil or condition.observedGeneration == obj.metadata.generation then
      conditions[condition.type] = condition
    end
  end
end

local function holds(name)
  return conditions[name] ~= nil and conditions[name].status == "True"
end

local function say(status, name)
  health.status = status
  health.message = conditions[name].message
  return health
end

local accepted = conditions["Accepted"]
local ready = conditions["Ready"]
if accepted == nil or ready == nil then
  return health
end
if accepted.status == "False" then
  return say("Degraded", "Accepted")
end
if holds("Stalled") then
  return say("Degraded", "Stalled")
end
if ready.status == "True" then
  -- Without a working autoscaler it works as well: no reason to stop a sync that waits for health.
  local cannotScale = holds("Degraded") and conditions["Degraded"].reason == "CannotScale"
  if holds("Degraded") and not cannotScale then
    if holds("Progressing") then
      return say("Progressing", "Progressing")
    end
    return say("Degraded", "Degraded")
  end
  local healthy = conditions["Healthy"]
  if healthy ~= nil and healthy.status == "False" then
    if healthy.reason == "Paused" then
      return say("Suspended", "Healthy")
    end
    -- Somebody has to look at these, and it works: no reason to stop a sync that waits for health.
    local works = { Behind = true, DeadLetters = true, EventsRefused = true }
    return say(works[healthy.reason] and "Healthy" or "Degraded", "Healthy")
  end
  return say("Healthy", cannotScale and "Degraded" or "Ready")
end
if ready.reason == "Stopped" then
  return say("Suspended", "Ready")
end
-- It waits for instances of its own, for a Function that it leads to, or for a service; all of these are tried again.
local waits = { Starting = true, FunctionNotReady = true, ProviderUnavailable = true, LogUnavailable = true }
if holds("Progressing") or holds("Reconciling") or waits[ready.reason] then
  return say("Progressing", "Ready")
end
return say("Degraded", "Ready")
