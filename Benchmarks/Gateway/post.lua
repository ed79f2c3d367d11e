-- One reading a request; prints percentiles and whatever was not a success.
wrk.method = "POST"
wrk.path = "/tasks/store_sensor_data"
wrk.body = '{"sensor_id":"temp_001","sensor_type":"temperature","value":25.5,"tank_id":"tank_001"}'

function done(summary, latency, requests)
  local errors = summary.errors
  io.write(string.format("p50 %.2f ms, p95 %.2f ms, p99 %.2f ms; not 2xx %d, broken off %d\n",
    latency:percentile(50) / 1000, latency:percentile(95) / 1000, latency:percentile(99) / 1000, errors.status,
    errors.connect + errors.read + errors.write + errors.timeout))
end
