# SPDX-License-Identifier: Apache-2.0
# A thin door to Meson and to the scripts in tools/, which say themselves what they do.

PREFIX ?= /usr/local
DESTDIR ?=
export PREFIX DESTDIR

.PHONY: all quickstart test install bench lint format docs readme fuzz coverage clean help

all: ## build the release program, build/cnsctl
	@tools/build.sh release
	@echo "built: build/cnsctl"

quickstart: ## install what the build needs, build, and show the main job on this machine, into quickstart-out/
	@tools/quickstart.sh

test: ## install what the tests need, build with sanitizers, run all tests
	@tools/test.sh

install: all ## install under $(DESTDIR)$(PREFIX)
	@tools/install.sh

bench: all ## measure speed and memory against the budgets of docs/performance.md
	@tools/bench.sh

lint: ## formatting, layers, scripts, static analysis
	@tools/lint.sh

format: ## put all C files into the tree's format
	@git ls-files '*.c' '*.h' | xargs clang-format -i

docs: all ## write the pages that are made from data: docs/cli.md, docs/coverage.md, docs/mixins.md, docs/components/
	@tools/docs.py

readme: all ## run the tour in README.md and write its output anew
	@tools/readme-tour.py --write

fuzz: ## run each fuzz target for FUZZ_SECONDS (60)
	@tools/fuzz.sh

coverage: ## line coverage of the unit tests, build/coverage.txt
	@tools/coverage.sh

clean: ## remove all that was built; the tool cache stays
	rm -rf build quickstart-out

help: ## list the targets
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1|\2/p' Makefile | awk -F'|' '{ printf "%-18s %s\n", $$1, $$2 }'
