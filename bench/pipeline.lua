-- Has wrk send as many requests at a time as its first argument says, before it waits for the answers; the second is how many connections it has.
setup = function(thread)
   any = thread
end

init = function(args)
   local one = wrk.format()
   local all = {}
   for i = 1, tonumber(args[1]) do
      all[i] = one
   end
   requests = table.concat(all)
   connections = tonumber(args[2])
end

request = function()
   return requests
end

-- wrk prints other percentiles than it has measured: for a late answer it adds those that it would have asked for meanwhile, at the mean rate of
-- requests. That is many at a time here, so that most of its latencies are made up, and those below all that it has measured are not found, which
-- makes 0 of p99. They are taken back here, from the longest on down, as they were added from the shortest on up.
done = function(summary, latency)
   local connections = any:get("connections") -- init runs elsewhere, in a state of each thread's own
   local interval = math.floor(summary.duration / math.floor(summary.requests / connections))
   local values, counts, total = {}, {}, 0
   for i = 1, #latency do
      local value, count = latency(i)
      values[i], counts[value] = value, count
   end
   for i = #values, 1, -1 do
      local count = counts[values[i]]
      total = total + count
      for added = values[i] - interval, interval + 1, -interval do
         counts[added] = (counts[added] or 0) - count
      end
   end
   for _, share in ipairs({50, 99}) do
      local i, passed = 0, 0
      repeat
         i = i + 1
         passed = passed + counts[values[i]]
      until passed >= total * share / 100
      print(string.format("  %d%% %dus", share, values[i]))
   end
end
