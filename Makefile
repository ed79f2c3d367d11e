# `make help` lists what there is. Every target installs what it is missing and needs no network the second time.

SWIFT ?= swift

.PHONY: help setup build demo test lint format bench evaluate docs clean

help: ## lists the targets
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 18

setup: ## installs missing system packages (Debian/Ubuntu; on macOS says which)
	@scripts/install-packages

build: setup ## builds the programs, optimised
	$(SWIFT) build -c release

demo: build ## runs the three tasks on one SQLite file and shows them succeed
	@scripts/demo

# The tests that count on deadlines run apart from those that keep every core busy.
FAULTS = ^(RedisTests|BrokerTests|EndToEndTests)

test: ## runs every test against private servers
	@scripts/install-packages tests
	$(SWIFT) build --build-tests
	$(SWIFT) test --skip-build --disable-xctest --skip '$(FAULTS)'
	$(SWIFT) test --skip-build --disable-xctest --filter '$(FAULTS)'

lint: ## checks formatting, file sizes and compiler feature names
	$(SWIFT) format lint --strict --recursive Package.swift Sources Tests
	@scripts/check-sources

bench: ## measures the safe path, and beside Celery, Dramatiq and Sidekiq
	@scripts/install-packages bench
	cd Benchmarks && $(SWIFT) build -c release
	cd Benchmarks && .build/release/TaskQueueBenchmarks
	cd Benchmarks/Rivals && ./run --taskqueue ../.build/release/TaskQueueBenchmarks

evaluate: build ## judges the shipped model on its held-out pictures
	$$($(SWIFT) build -c release --show-bin-path)/queuectl model evaluate

docs: ## writes the engine's symbol graph; swift-docc reads it
	$(SWIFT) package dump-symbol-graph --minimum-access-level public --skip-synthesized-members

format: ## formats every source file
	$(SWIFT) format --in-place --recursive Package.swift Sources Tests

clean: ## removes what was built
	rm -rf .build Benchmarks/.build
