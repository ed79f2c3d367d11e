# `make help` lists what there is. Every target installs what it is missing and needs no network the second time.

SWIFT ?= swift

# On Linux one file with all of Swift in it: nothing to install beside it, and an idle worker of 36 MB instead of 46.
# One by one, because a library among the packages has a dynamic product that can't be linked so.
PROGRAMS = enqueue worker queuectl gateway
RELEASE = -c release
ifeq ($(shell uname),Linux)
RELEASE += --static-swift-stdlib -Xswiftc -use-ld=lld -Xlinker -z -Xlinker pack-relative-relocs
endif

.PHONY: help setup build demo onnx-cases test lint check-config format bench bench-inference bench-predictions fuzz evaluate docs clean

help: ## lists the targets
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 26

setup: ## installs missing system packages (Debian/Ubuntu; on macOS says which)
	@scripts/install-packages

build: setup ## builds the programs, optimised
	@for program in $(PROGRAMS); do $(SWIFT) build $(RELEASE) $(SWIFT_BUILD_OPTIONS) --product $$program || exit 1; done

demo: build ## runs the three tasks on one SQLite file and shows them succeed
	@scripts/demo

# The tests that count on deadlines run apart from those that keep every core busy, and in two groups.
FAULTS = ^(RedisTests|BrokerTests|EndToEndTests|FleetDrillTests)
SERVICES = ^(HTTPGatewayTests|MonitoringTests|PostgresTests|ResultsTests)

ONNX_CASES ?= .onnx-cases
NETWORKS ?= .networks
FUZZ_EXECUTIONS ?= 500000

onnx-cases: $(ONNX_CASES)/cases.json ## writes the onnx package's test data where the tests read it

$(ONNX_CASES)/cases.json: scripts/onnx/cases.py scripts/onnx/requirements.txt
	$$(scripts/onnx/setup) scripts/onnx/cases.py $(ONNX_CASES)

test: ## runs every test against private servers
	@scripts/install-packages tests
	@$(MAKE) --no-print-directory onnx-cases
	$(SWIFT) build --build-tests
	$(SWIFT) test --skip-build --disable-xctest --skip '$(FAULTS)|$(SERVICES)'
	$(SWIFT) test --skip-build --disable-xctest --filter '$(FAULTS)'
	$(SWIFT) test --skip-build --disable-xctest --filter '$(SERVICES)'

lint: check-config ## checks formatting, file sizes, compiler feature names, configuration
	$(SWIFT) format lint --strict --recursive Package.swift Sources Tests
	@scripts/check-sources

check-config: ## checks monitoring, containers and Kubernetes by their own programs and schemas
	@scripts/check-config

bench: build ## measures the safe path, and beside Celery, Dramatiq and Sidekiq
	@scripts/install-packages bench
	cd Benchmarks && $(SWIFT) build -c release
	cd Benchmarks && .build/release/TaskQueueBenchmarks
	Benchmarks/Gateway/run
	cd Benchmarks/Rivals && ./run --taskqueue ../.build/release/TaskQueueBenchmarks

evaluate: build ## judges the shipped model on its held-out pictures
	$$($(SWIFT) build -c release --show-bin-path)/queuectl model evaluate

$(NETWORKS)/mobilenetv2.onnx: scripts/onnx/networks.py
	$$(scripts/onnx/setup) scripts/onnx/networks.py $(NETWORKS)

bench-inference: build $(NETWORKS)/mobilenetv2.onnx ## compares inference with ONNX Runtime, taking turns in one run
	env -u OPENBLAS_CORETYPE -u OPENBLAS_L2_SIZE $$(scripts/onnx/setup) scripts/onnx/compare.py \
		"$$($(SWIFT) build -c release --show-bin-path)/queuectl model" \
		$(NETWORKS)/resnet50.onnx $(NETWORKS)/resnet18.onnx $(NETWORKS)/mobilenetv2.onnx

bench-predictions: build $(NETWORKS)/mobilenetv2.onnx ## measures predict_image through Redis and a worker
	python3 scripts/onnx/system.py --resnet $(NETWORKS)/resnet50.onnx "$$($(SWIFT) build -c release --show-bin-path)"

fuzz: onnx-cases ## tries FUZZ_EXECUTIONS damaged model files, as many changed graphs and pictures
	FUZZ_EXECUTIONS=$(FUZZ_EXECUTIONS) $(SWIFT) test -c release -Xswiftc -enable-testing --disable-xctest --filter Fuzz

docs: ## writes the engine's symbol graph; swift-docc reads it
	$(SWIFT) package dump-symbol-graph --minimum-access-level public --skip-synthesized-members

format: ## formats every source file
	$(SWIFT) format --in-place --recursive Package.swift Sources Tests

clean: ## removes what was built
	rm -rf .build Benchmarks/.build
