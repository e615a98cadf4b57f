# The commands of every day. Each installs what is missing first.
.PHONY: all demo test check fuzz bench format dependencies configure
.DEFAULT_GOAL := all

BUILD := build/release
# Tests on real hearts run where this names a folder with acdc/, sunnybrook/, …
export DMCVR_DATA

all: configure  ## build/release/dmcvr
	@cmake --build $(BUILD) --target dmcvr_program

demo: all  ## a phantom study, reconstructed with the bundled weights and scored, in demo/
	@scripts/demo.sh $(BUILD)/dmcvr demo

test: configure  ## build and run the tests of every day
	@cmake --build $(BUILD) --target dmcvr_program dmcvr_tests
	@OMP_WAIT_POLICY=passive ctest --test-dir $(BUILD) --output-on-failure --parallel 2

check: dependencies  ## what is too slow for every day: learning half alone, headers alone, sanitizers, clang-tidy
	@scripts/install_dependencies.sh --check
	@scripts/check.sh

fuzz: dependencies  ## a minute of damaged bytes for each reader of files
	@scripts/install_dependencies.sh --check
	@scripts/fuzz.sh

bench: dependencies  ## time the parts a user waits for
	@scripts/install_dependencies.sh --check
	@cmake --preset release -DDMCVR_BUILD_BENCHMARKS=ON --log-level=WARNING >/dev/null
	@cmake --build $(BUILD) --target dmcvr_benchmarks
	@$(BUILD)/benchmarks/runtime_benchmark

format:  ## clang-format on changed files
	@scripts/install_dependencies.sh --check
	@tools/format.sh

dependencies:
	@scripts/install_dependencies.sh

configure: dependencies
	@cmake --preset release --log-level=WARNING >/dev/null
