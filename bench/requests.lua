-- For wrk: sends the requests of a file, one after the other and again, and prints the result as one line of JSON.
--
--     wrk --latency -s bench/requests.lua URL -- FILE [TOKEN]
--
-- FILE has one request to a line: METHOD, path and body, separated by tabs; the body may be empty.
-- TOKEN goes into the Authorization header of each.

local requests = {}
local at = 0

function init(arguments)
    for line in io.lines(arguments[1]) do
        local method, path, body = line:match("^([^\t]*)\t([^\t]*)\t(.*)$")
        local headers = { ["Authorization"] = arguments[2] }
        if body ~= "" then
            headers["Content-Type"] = "application/json"
        elseif method == "GET" then
            -- Others say that they have none, as browsers do.
            body = nil
        end
        requests[#requests + 1] = wrk.format(method, path, headers, body)
    end
end

function request()
    at = at % #requests + 1
    return requests[at]
end

function done(summary, latency)
    local errors = summary.errors
    io.write(string.format(
        '\n{"requests":%d,"duration_us":%d,"p50_us":%d,"p99_us":%d,"max_us":%d,"refused":%d,"lost":%d}\n',
        summary.requests, summary.duration, latency:percentile(50), latency:percentile(99), latency.max,
        errors.status, errors.connect + errors.read + errors.write + errors.timeout
    ))
end
