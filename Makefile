# Each target calls one script. BATON_JOBS=N limits how much runs at once (otherwise: one per processor).
.PHONY: run build test check soak bench package format clean

run: build
	@scripts/demo

build:
	@scripts/build

test:
	@scripts/test

check:
	@scripts/check

soak:
	@scripts/soak

bench:
	@scripts/bench

package:
	@scripts/package

format:
	@scripts/install-packages scripts/packages-test.txt
	@scripts/format

clean:
	@rm -rf build
