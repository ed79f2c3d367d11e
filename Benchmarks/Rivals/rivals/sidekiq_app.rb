# frozen_string_literal: true

# Sidekiq's application. Worker: `sidekiq -r ./sidekiq_app.rb -c 10 -q default`.
# Run as a script it enqueues; the modes are those of producer.py.

require "json"
require "redis"
require "sidekiq"

Redis.silence_deprecations = true # Sidekiq 6.4 warns on every fetch with redis-rb 4.8

Sidekiq.configure_server do |config|
  config.redis = { url: ENV.fetch("BENCH_REDIS") }
  config.logger.level = Logger::ERROR
  config.options[:job_logger] = Class.new(Sidekiq::JobLogger) { def call(_item, _queue) = yield }
end
Sidekiq.configure_client do |config|
  config.redis = { url: ENV.fetch("BENCH_REDIS"), size: Integer(ENV.fetch("BENCH_POOL", "5")) }
  config.logger.level = Logger::ERROR
end

# The counter of counters.py: count, first and last finish in a mapped file.
module Counter
  LOCK = Mutex.new

  def self.add
    LOCK.synchronize do
      @memory ||= open_file
      now = Process.clock_gettime(Process::CLOCK_REALTIME)
      @count += 1
      @first ||= now
      @memory.set_value(:u64, 0, @count)
      @memory.set_value(:f64, 8, @first)
      @memory.set_value(:f64, 16, now)
    end
  end

  def self.open_file
    @count = 0
    File.open(File.join(ENV.fetch("BENCH_COUNTERS"), Process.pid.to_s), "w+b") do |file|
      file.truncate(24)
      IO::Buffer.map(file, 24, 0, 0)
    end
  end
end

class Noop
  include Sidekiq::Job

  def perform(_payload) = Counter.add
end

class Warm < Noop; end

class Stamp
  include Sidekiq::Job

  def perform(payload)
    late = Process.clock_gettime(Process::CLOCK_REALTIME) - payload.fetch("at")
    File.write(ENV.fetch("BENCH_SAMPLES"), "#{late}\n", mode: "a")
    Counter.add
  end
end

class Record
  include Sidekiq::Job

  def perform(payload)
    sleep Float(ENV.fetch("BENCH_TASK_SECONDS"))
    client = Thread.current[:bench_redis] ||= Redis.new(url: ENV.fetch("BENCH_REDIS_DIRECT"))
    client.hincrby("bench:ran", payload.fetch("id").to_s, 1)
    Counter.add
  end
end

require_relative "sidekiq_producer" if $PROGRAM_NAME == __FILE__
