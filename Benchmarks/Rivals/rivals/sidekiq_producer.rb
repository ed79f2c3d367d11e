# frozen_string_literal: true

# The enqueueing side of Sidekiq; the modes are described in producer.py.

JOBS = { "noop" => Noop, "warm" => Warm, "stamp" => Stamp, "record" => Record }.freeze

def payload(number) = { "id" => number, "name" => "benchmark", "text" => "x" * 60 }

def push_bulk(name, count)
  count.times.each_slice(1000) do |numbers|
    Sidekiq::Client.push_bulk("class" => JOBS.fetch(name), "args" => numbers.map { |n| [payload(n)] })
  end
end

def pace(rate, seconds)
  start = Process.clock_gettime(Process::CLOCK_MONOTONIC)
  (rate * seconds).to_i.times do |number|
    wait = start + number / rate - Process.clock_gettime(Process::CLOCK_MONOTONIC)
    sleep wait if wait.positive?
    now = Process.clock_gettime(Process::CLOCK_REALTIME)
    Stamp.perform_async(payload(number).merge("at" => now))
  end
end

mode, *arguments = ARGV
push_bulk("warm", 1) unless mode == "fill"
start = Process.clock_gettime(Process::CLOCK_MONOTONIC)
case mode
when "fill"
  push_bulk(arguments[0], count = Integer(arguments[1]))
when "single"
  (count = Integer(arguments[0])).times { |n| Noop.perform_async(payload(n)) }
when "threads"
  count, threads = arguments.map { |one| Integer(one) }
  Array.new(threads) do |first|
    Thread.new { first.step(count - 1, threads) { |n| Noop.perform_async(payload(n)) } }
  end.each(&:join)
when "bulk"
  push_bulk("noop", count = Integer(arguments[0]))
when "pace"
  count = pace(Float(arguments[0]), Float(arguments[1]))
else
  abort "unknown mode #{mode}"
end
seconds = Process.clock_gettime(Process::CLOCK_MONOTONIC) - start
puts JSON.generate(tasks: count, seconds: seconds)
