-- Has wrk send as many requests at a time as its argument says, before it waits for the answers.
init = function(args)
   local one = wrk.format()
   local all = {}
   for i = 1, tonumber(args[1]) do
      all[i] = one
   end
   requests = table.concat(all)
end

request = function()
   return requests
end
