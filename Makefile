# One name for each task. Each does what its command does, which can be run without make as well.
.DEFAULT_GOAL := help
.PHONY: help build test gpu lint docs bench fixtures pictures package

PYTHON ?= python3

help: ## list the tasks
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "%-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

build: ## build the program, .build/release/diffusion-tui
	swift build -c release --product diffusion-tui

test: ## run every test
	swift test -c release

gpu: ## test the kernels of GPUs at length, on the OpenCL device of this machine
	GPU_TRIALS=1000 GPU_RESTARTS=1000 swift test -c release --filter 'GPUKernelsTests|OpenCL|LaunchTests|byOpenCL'
	for threads in 2 8; do GPU_NORMS=4000 POCL_MAX_PTHREAD_COUNT=$$threads \
	  swift test -c release --skip-build --filter OperationBitsTests/norms || exit 1; done

lint: ## check the format of Swift files
	swift format lint --strict --recursive Sources Tests themes lessons Package.swift

docs: ## build the library's documentation; a warning is an error
	Documentation/build-docc.sh

bench: ## measure forward passes of the demo model
	swift run -c release diffusion-tui bench

fixtures: ## make the tests' fixtures again with PyTorch and Diffusers (Tests/Fixtures/README.md)
	$(PYTHON) Tests/Fixtures/generate.py

pictures: build ## take the pictures of the README and of Documentation/ again
	Documentation/record.sh

package: ## make the Debian package and the tarball of a release, in .build/packages
	Packaging/package.sh
