# Everything that one does with the package.  `make demo` and `make test` do all their own set-up.

PREFIX ?= /usr/local
PROGRAMS := $(patsubst Tests/Programs/%.c,.build/programs/%,$(wildcard Tests/Programs/*.c)) .build/programs/getppid .build/programs/alternate
SCENARIO_PROGRAMS := $(patsubst Scenarios/programs/%.c,.build/scenarios/programs/%,$(wildcard Scenarios/programs/*.c))
# With frame pointers, by which stacks are found.
CFLAGS := -std=gnu11 -O1 -g -fno-omit-frame-pointer -fno-optimize-sibling-calls -Wall -Wextra -Werror -pthread
SWIFT_SOURCES := Sources Tests Examples Plugins Web/Sources Web/Package.swift Package.swift

.PHONY: help build release web packages test-package test rounds verify demo bench bench-peers scenarios scenario faults fuzz sanitize applications picture-top pictures test-kernels programs docs format lint clean install
.DELETE_ON_ERROR:
.NOTPARALLEL:

help: ## This list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 24

build: setup-build ## A debug build
	swift build

# With Swift's libraries in it: they need not be where it runs.
release: setup-build
	swift build -c release --product stallscope --static-swift-stdlib
	scripts/extras .build/release/stallscope .build/share

test: setup-test programs ## The gate: every test whose outcome no other load can change; kernel tests as root
	swift build --build-tests
	scripts/test

rounds: setup-test programs ## The kernel tests of the gate N=50 times, while every CPU is kept busy by something else
	swift build --build-tests
	scripts/rounds $(or $(N),50)

web: setup-build ## The server that `stallscope serve` runs, beside the debug and release builds
	swift build --package-path Web --scratch-path .build/web --product stallscope-serve
	for build in debug release; do \
		[ ! -d .build/$$build ] || install -m 755 .build/web/debug/stallscope-serve .build/$$build/; done

verify: setup-verify release programs web ## What readers outside see, and what depends on this machine: exports, page, terminal, docs
	swift build --build-tests
	scripts/verify $(ONLY)

demo: setup-demo release ## Record a loaded Redis for ten seconds and print the report
	scripts/demo

bench: setup-bench release programs .build/programs/attach .build/programs/empty.bpf.o ## All benchmarks, or NAME=getppid|pipe|hooks|redis|containers|collector|diagnosis|page|options, ROUNDS=n
	python3 -B Benchmarks $(if $(NAME),--name $(NAME)) $(if $(ROUNDS),--rounds $(ROUNDS))

bench-peers: setup-bench-peers release programs ## Beside other tools, on real services: APPLICATIONS=redis,mariadb, ROUNDS=n
	APPLICATIONS="$(APPLICATIONS)" python3 -B Benchmarks --name peers $(if $(ROUNDS),--rounds $(ROUNDS))

scenarios: setup-scenarios release $(SCENARIO_PROGRAMS) ## Is the diagnosis right about known faults? ROUNDS=n, WRITE=1 for the docs, AGAIN=1 for the last recordings
	python3 -B Scenarios $(foreach name,$(NAME),--name $(name)) $(if $(ROUNDS),--rounds $(ROUNDS)) \
		$(if $(WRITE),--write) $(if $(AGAIN),--again)

scenario: ## One of them: NAME=redis_quota, or its number
	@[ -n "$(NAME)" ] || { python3 -B Scenarios --list; echo "Which one? make scenario NAME=..." >&2; exit 2; }
	@$(MAKE) --no-print-directory scenarios NAME="$(NAME)"

faults: setup-test release programs ## Killed, starved, without its file, hostile names, 20,000 threads: KILLS=n, NAME=test_kill
	cd Tests/Faults && PATH="$(CURDIR)/.build/tools:$$PATH" KILLS=$(or $(KILLS),100) python3 -B -m unittest -v $(NAME)

fuzz: setup-build ## Made-up bytes for what reads those of others, with the address sanitizer: SECONDS=3600
	swift build --product MakeExample
	STALLSCOPE_FUZZ=1 swift build --scratch-path .build/fuzz --product Fuzz --sanitize fuzzer --sanitize address
	scripts/fuzz $(or $(SECONDS),3600) $(TARGETS)

sanitize: setup-test programs ## The tests that need no kernel with the address, then the thread sanitizer
	for one in address thread; do \
		swift test --scratch-path .build/$$one --sanitize $$one --skip KernelTests --skip CLITests || exit; done

applications: setup-applications release ## Who waits for whom in Redis, nginx, MariaDB, PostgreSQL (NAME=redis); WRITE=1 for the docs
	STALLSCOPE=.build/release/stallscope scripts/applications $(NAME)

pictures: setup-pictures release $(SCENARIO_PROGRAMS) ## Record a held mutex anew and take docs/pictures/report.png of its page
	python3 -B Scenarios --name held_mutex --rounds 1 --no-diagnosis
	python3 -B scripts/pictures .build/scenarios/recordings/held_mutex-1.stall

test-kernels: setup-kernels programs ## The kernel tests on Debian's 6.1 and 6.12 (KERNELS="6.1"), and a suspend, in QEMU
	swift build --build-tests
	scripts/kernels/test $(KERNELS)
	scripts/kernels/suspend

picture-top: setup-test build ## Draw docs/pictures/top.svg from a real run, as root
	scripts/picture-top

docs: setup-build ## The library's documentation, checked, in .build/docs
	swift package --allow-writing-to-directory .build/docs generate-documentation --target Recording \
		--warnings-as-errors --output-path .build/docs

format: ## Bring the Swift sources into the project's format
	swift format format -i -p -r $(SWIFT_SOURCES)

lint: setup-lint ## What CI checks of the sources' form
	swift format lint --strict -p -r $(SWIFT_SOURCES)
	shellcheck -x scripts/lib.sh scripts/setup scripts/where scripts/test scripts/rounds scripts/verify scripts/demo scripts/extras scripts/package scripts/test-package scripts/applications scripts/kernels/fetch \
		scripts/kernels/boot scripts/kernels/test scripts/kernels/suspend .ci/run

packages: setup-package release ## A Debian package and an archive, in .build/packages
	scripts/package

test-package: packages ## Install the package on a clean Debian, in a directory, and record there
	scripts/test-package

clean: ## Remove everything that was built
	rm -rf .build

install: release ## Put stallscope, its manual and completions into PREFIX (default /usr/local)
	install -D -m 755 .build/release/stallscope $(DESTDIR)$(PREFIX)/bin/stallscope
	cd .build/share && find . -type f -exec install -D -m 644 {} $(abspath $(DESTDIR)$(PREFIX))/share/{} \;

setup-%:
	@scripts/setup $*

# Programs whose truth is known, for the kernel tests and the benchmarks.
programs: $(PROGRAMS)

.build/programs/%: Tests/Programs/%.c $(wildcard Tests/Programs/*.h)
	@mkdir -p $(@D)
	cc $(CFLAGS) -o $@ $<

.build/scenarios/programs/%: Scenarios/programs/%.c $(wildcard Scenarios/programs/*.h)
	@mkdir -p $(@D)
	cc $(CFLAGS) -o $@ $<

.build/programs/attach: Benchmarks/empty/attach.c
	@mkdir -p $(@D)
	cc $(CFLAGS) -o $@ $< -lbpf

.build/programs/%.bpf.o: Benchmarks/empty/%.bpf.c
	@mkdir -p $(@D)
	clang -target bpf -mcpu=v3 -O2 -g -Wall -Werror -c -o $@ $<

.build/programs/%: Benchmarks/%.c
	@mkdir -p $(@D)
	cc $(CFLAGS) -o $@ $<
