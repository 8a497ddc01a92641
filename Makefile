# Everything a contributor runs; `make help` lists it.
SHELL := /bin/bash
.DEFAULT_GOAL := help
export PATH := $(CURDIR)/node_modules/.bin:$(PATH)
TENFOLD := node --conditions=tenfold-source --disable-warning=ExperimentalWarning cli/main.ts
MOCHA := mocha
# What CI adds for a second try. Tests of safety get none: a promise that is broken once in many runs is broken.
SECOND_TRY :=
SIMULATE := node --conditions=tenfold-source --disable-warning=ExperimentalWarning test/simulation

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# Of what is installed `node` alone runs a script: it fetches the Node that everything here runs under.
node_modules/.package-lock.json: package-lock.json package.json sdk/package.json create/package.json
	npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@npm rebuild --ignore-scripts=false --loglevel=error node || { rm -f $@; exit 1; }
	@touch $@

# So that `npx tenfold` works in every folder of the checkout.
node_modules/.bin/tenfold: | node_modules/.package-lock.json
	@ln -sf ../../scripts/tenfold $@

# What the platform serves at /console/ and /docs/, also where it runs from source.
dist/console/index.html: $(shell find console core -name '*.ts*' -o -name '*.css' -o -name '*.html' -o -name '*.svg') | node_modules/.package-lock.json
	@node --conditions=tenfold-source --disable-warning=ExperimentalWarning scripts/build.ts console

.PHONY: setup
setup: node_modules/.package-lock.json node_modules/.bin/tenfold dist/console/index.html ## Install what is needed, once

.PHONY: run
run: setup ## Start the coffee shop on this machine and follow its files
	@printf 'When it listens, try in another terminal:\n\n'; grep '^curl ' README.md | sed 's/^/  /'; printf '\nThen change functions/coffee-shop/menu.ts and ask again.\n\n'
	@$(TENFOLD) dev functions/coffee-shop

.PHONY: demo
demo: setup ## Drive every sample application over HTTP and check what comes back
	@node --conditions=tenfold-source --disable-warning=ExperimentalWarning scripts/demo.ts

# Tests start some thousand processes; this halves what each computes before it begins.
test-%: export NODE_COMPILE_CACHE ?= $(CURDIR)/node_modules/.cache/node
# These start none, and one of them is about what V8 compiles.
test-unit-computing test-simulation test-mutants: export NODE_DISABLE_COMPILE_CACHE := 1

.PHONY: test wanted-services test-computing test-waiting test-this-machine
# What only computes takes, at a low priority, what all others leave of the processors, which is about half: they wait for services, processes and pods.
test: wanted-services setup build ## Run all tests
	$(MAKE) $(SEVERAL_AT_A_TIME) BUILT=yes test-waiting test-computing

# One after the other, also where one fails and make is to keep going.
IN_TURN := --no-print-directory --jobs=1 OWN_PIPE=yes
# Node makes a pipe that it writes to one that does not block, for all who share it: make, beside it, would end with "write error" where it is full. So each has a pipe of its own.
APART := $(if $(OWN_PIPE),bash -o pipefail -c '"$$@" 2>&1 | cat' apart)
# Four at a time, those that take longest first. Whole installations in a node of their own wait for pods most of the time; what is killed and cut off on this machine comes one after the
# other.
test-waiting: setup
	$(MAKE) $(SEVERAL_AT_A_TIME) OWN_PIPE=yes test-unit-storing test-cluster test-unit-waiting test-unit-working test-this-machine test-e2e test-unit-commands test-unit-shipped

test-this-machine: setup
	$(MAKE) $(IN_TURN) test-kills test-chaos

test-computing: setup
	$(MAKE) $(IN_TURN) MUTATIONS='--parts 3' test-unit-computing test-simulation test-mutations

# Where they cannot be installed, tests that need them say so and are left out; where CI is set, they fail.
wanted-services:
	@test/services/install || printf '\n!! Services are missing: tests that need them are left out.\n\n'

# What `make` has several at a time says what it has to say when it is done, unless make is an old one.
SEVERAL_AT_A_TIME := --no-print-directory --jobs=4 $(if $(filter output-sync,$(.FEATURES)),--output-sync=target)
# Folders of test/ whose tests have no clock but their own, and wait for nothing: they compute at a low priority while those wait that do.
COMPUTING := fuzz model simulation
# And those that wait most, for real services, pages and processes: what is stored and shown, what is done with it, what people type, and what ships beside that. Beside the others, as all of them wait more than they compute.
STORING := contract drivers console event-plane
WORKING := processes worker
COMMANDS := cli
SHIPPED := chart docs images scripts
UNITS := test-unit-storing test-unit-working test-unit-commands test-unit-shipped test-unit-waiting test-unit-computing

.PHONY: test-unit $(UNITS)
test-unit: setup ## Tests of single parts, and of the contracts between them
	$(MAKE) $(SEVERAL_AT_A_TIME) $(UNITS)

test-unit-storing: setup
	$(APART) $(MOCHA) $(SECOND_TRY) $(patsubst %,'test/%/**/*.test.ts',$(STORING))

test-unit-working: setup
	$(APART) $(MOCHA) $(SECOND_TRY) $(patsubst %,'test/%/**/*.test.ts',$(WORKING))

test-unit-commands: setup
	$(APART) $(MOCHA) $(SECOND_TRY) $(patsubst %,'test/%/**/*.test.ts',$(COMMANDS))

test-unit-shipped: setup
	$(APART) $(MOCHA) $(SECOND_TRY) $(patsubst %,'test/%/**/*.test.ts',$(SHIPPED))

test-unit-waiting: setup
	$(APART) $(MOCHA) $(SECOND_TRY) $(patsubst %,--ignore 'test/%/**',$(STORING) $(WORKING) $(COMMANDS) $(SHIPPED) $(COMPUTING) kills chaos e2e cluster docker fixtures) 'test/**/*.test.ts' 'functions/*/test/**/*.test.ts'

test-unit-computing: setup
	$(APART) nice -n 19 $(MOCHA) --timeout 0 $(patsubst %,'test/%/**/*.test.ts',$(COMPUTING))

.PHONY: test-simulation
test-simulation: setup ## Dispatchers under faults drawn from 1,000 seeds
	$(APART) nice -n 19 $(SIMULATE)/main.ts --seeds 1000

.PHONY: test-mutations
test-mutations: setup ## The simulation finds every broken safety rule
	$(APART) nice -n 19 $(SIMULATE)/mutations/main.ts --seeds 8000 --known $(MUTATIONS)

# What Stryker makes mutants by is installed for this alone.
test/mutation/node_modules/.package-lock.json: test/mutation/package-lock.json test/mutation/package.json
	cd test/mutation && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

.PHONY: test-mutants
test-mutants: setup test/mutation/node_modules/.package-lock.json ## Each line of dispatching and folding changed at a time: a test finds it, or it is explained (FILES='lanes gate' for some)
	nice -n 19 node --conditions=tenfold-source --disable-warning=ExperimentalWarning test/mutation/main.ts $(FILES)

# The compiler that the project is checked by has no API, and an older one that has is installed for this alone.
test/unbound/node_modules/.package-lock.json: test/unbound/package-lock.json test/unbound/package.json
	cd test/unbound && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

.PHONY: test-unbound
test-unbound: setup test/unbound/node_modules/.package-lock.json ## No method of a class loses its object, by types
	node test/unbound/main.mjs

# The conformance tests of the Model Context Protocol are installed for this alone.
test/conformance/node_modules/.package-lock.json: test/conformance/package-lock.json test/conformance/package.json
	cd test/conformance && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

.PHONY: test-mcp
test-mcp: setup test/conformance/node_modules/.package-lock.json ## POST /mcp keeps to its protocol, and changes nothing without the token of a plan (MCP_CALLS, SEED)
	node --conditions=tenfold-source --disable-warning=ExperimentalWarning test/conformance/main.ts
	MCP_CALLS=$${MCP_CALLS:-100000} SEED=$${SEED:-$$(date +%s)} $(MOCHA) test/admin/mcp/fuzzed-calls.test.ts

# The validators of the formats that `tenfold export` writes, and of types, are installed for this alone.
test/validators/node_modules/.package-lock.json: test/validators/package-lock.json test/validators/package.json
	cd test/validators && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

.PHONY: test-export
test-export: setup test/validators/node_modules/.package-lock.json ## AsyncAPI, OpenAPI and Backstage accept what tenfold export writes, by their own validators
	node test/validators/main.mjs

.PHONY: test-types
test-types: packages test/validators/node_modules/.package-lock.json ## Compilers find the types of the packages as they ship, by @arethetypeswrong
	node test/validators/types.mjs

.PHONY: test-fuzz
test-fuzz: setup ## Parsers of what comes from outside, given mutations of their corpus (SEED=7 for others)
	$(APART) nice -n 19 $(MOCHA) 'test/fuzz/**/*.test.ts'

.PHONY: fuzz
fuzz: setup ## Many more of them, guided by the code that they reach; what breaks a parser is put into its corpus (TIMES=10, TARGETS='http1-answer yaml')
	nice -n 19 node --conditions=tenfold-source --disable-warning=ExperimentalWarning test/fuzz/main.ts --times $${TIMES:-10} $(TARGETS)

.PHONY: test-kills
test-kills: setup build ## Processes that deliver, archive and fold, and the whole package as it ships, killed again and again under load
	$(APART) $(MOCHA) 'test/kills/**/*.test.ts'

.PHONY: test-chaos
test-chaos: setup ## A whole installation, its parts killed, stopped, cut off and replaced under load (SEED, CHAOS_SECONDS, CHAOS_STORIES, FAULTS, CHAOS_HOLD)
	$(APART) $(MOCHA) 'test/chaos/**/*.test.ts'

.PHONY: test-nightly
# What cannot run here, such as a node without root, fails instead of being left out.
test-nightly: export CI ?= true
test-nightly: setup build ## The same from 500,000 seeds, and many more disk faults and kills, which takes hours
	$(SIMULATE)/main.ts --seeds 499000 --from 1000
	$(SIMULATE)/mutations/main.ts --seeds 50000
	SEEDS=1000 $(MOCHA) --timeout 0 'test/simulation/{views,pipelines,joins,archive,fan-outs,syncs}/*.test.ts'
	SEEDS=50 $(MOCHA) --timeout 0 test/worker/pipelines/mended-windows.test.ts
	TENFOLD_PLANTED=200 $(MOCHA) test/gateway/strangler/planted.test.ts
	$(MAKE) --no-print-directory fuzz TIMES=50
	$(MAKE) --no-print-directory test-mutants
	$(MAKE) --no-print-directory test-unbound
	SEED=$${SEED:-$$(date +%s)} CHAOS_SECONDS=3600 CHAOS_STORIES=10000 $(MOCHA) 'test/chaos/**/*.test.ts'
	TENFOLD_NIGHTLY=1 $(MOCHA) 'test/cluster/node/*.test.ts' test/cluster/operator/{many-objects,survives}.test.ts
	TENFOLD_NIGHTLY=1 NODE_OPTIONS=--max-old-space-size=6144 $(MOCHA) 'test/model/*.test.ts'
	TENFOLD_NIGHTLY=1 $(MOCHA) test/worker/dispatch/kafka/backlog.test.ts test/processes/without-kafka.test.ts
	TENFOLD_CONSOLE=distributed $(MOCHA) 'test/console/**/*.test.ts'
	TENFOLD_NIGHTLY=1 $(MOCHA) test/e2e/demo.test.ts 'test/console/**/*.test.ts' test/cli/init/templates.test.ts test/server/sql/damaged-files.test.ts
	$(MAKE) --no-print-directory test-mcp
	$(MAKE) --no-print-directory test-export
	$(MAKE) --no-print-directory test-types
	TENFOLD_FLIPS=2000 TENFOLD_POWER_LOSSES=200 TENFOLD_KILLS=200 $(MOCHA) 'test/drivers/sqlite/*.test.ts' 'test/drivers/event-log/**/*.test.ts'
	KILLS=300 $(MOCHA) test/kills/kills.test.ts 'test/kills/fan-outs/*.test.ts'
	VIEW_KILLS=150 ARCHIVE_KILLS=150 $(MOCHA) 'test/kills/{views,archive}/*.test.ts'
	SEED=$${SEED:-$$(date +%s)} TENFOLD_KILLS=300 $(MOCHA) 'test/kills/packed/*.test.ts'
	SEED=$${SEED:-$$(date +%s)} TENFOLD_RESTORES=12 $(MOCHA) 'test/kills/restore/*.test.ts'
	SEED=$${SEED:-$$(date +%s)} TENFOLD_LETTERS=10000 $(MOCHA) 'test/kills/traces/*.test.ts'
	TENFOLD_OPERATIONS=100000x20 $(MOCHA) 'test/kills/operations/*.test.ts'
	$(MAKE) --no-print-directory test-trivy

.PHONY: test-trivy
test-trivy: setup ## What trivy says of what the chart makes (built from source at the first run)
	TENFOLD_NIGHTLY=1 $(MOCHA) --timeout 3600000 test/chart/trivy.nightly.ts

.PHONY: audit
# The images have clients that are optional for the package, and so stand among those for development.
audit: setup ## Known holes in the packages, and whether all are what their authors signed
	@scripts/audit

.PHONY: docs-site
SITE ?= dist/site
docs-site: setup ## The documentation as a site of files, for any server (SITE=FOLDER)
	@node --conditions=tenfold-source --disable-warning=ExperimentalWarning scripts/docs-site.ts "$(SITE)"

.PHONY: docs-images
docs-images: setup build ## The pictures of docs/images, taken while the tutorial is followed
	DOCS_IMAGES=yes $(MOCHA) test/e2e/tutorial.test.ts

.PHONY: test-e2e
test-e2e: setup build ## Whole processes as a user starts them
	$(APART) $(MOCHA) $(SECOND_TRY) 'test/e2e/**/*.test.ts'

# Those that share the node come one after the other: it runs from the first of them to the last.
.PHONY: test-cluster
test-cluster: setup ## All of it on a real Kubernetes, with pods where root runs it (built from source at the first run)
	@$(MAKE) --no-print-directory build-cluster || printf '\n!! Not all could be built: tests that need it try once more.\n\n'
	$(APART) $(MOCHA) $(SECOND_TRY) 'test/cluster/!(apply|node)/**/*.test.ts' 'test/cluster/{apply,node}/**/*.test.ts'

IN_DOCKER := test-docker-services test-docker-images test-docker-devcontainer

# The command line of development containers is installed for this alone.
test/docker/devcontainer-cli/node_modules/.package-lock.json: test/docker/devcontainer-cli/package-lock.json test/docker/devcontainer-cli/package.json
	cd test/docker/devcontainer-cli && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

.PHONY: test-docker build-docker $(IN_DOCKER)
# Over one daemon, one after the other: a balancer takes a gateway for dead that a compiler beside it keeps waiting. What Testcontainers asks of a container that did not start goes on for minutes, and nobody waits for it.
test-docker: setup test/docker/devcontainer-cli/node_modules/.package-lock.json ## Images by their Dockerfile, docker-compose.yaml, the development container, and contracts over services in containers (fetches and builds what they need)
	test/docker/with-docker $(MAKE) $(IN_TURN) $(IN_DOCKER)

test-docker-services: setup
	$(APART) $(MOCHA) --exit $(SECOND_TRY) test/docker/{services,receipts,receipts-in-cluster}.test.ts 'test/contract/**/*.test.ts' test/services/service.test.ts

test-docker-images: setup
	$(APART) $(MOCHA) --exit $(SECOND_TRY) --ignore 'test/docker/{services,receipts,receipts-in-cluster,devcontainer}.test.ts' 'test/docker/**/*.test.ts'

test-docker-devcontainer: setup
	$(APART) $(MOCHA) --exit $(SECOND_TRY) test/docker/devcontainer.test.ts

build-docker: setup test/docker/devcontainer-cli/node_modules/.package-lock.json ## Fetch and build what test-docker needs, which it does itself otherwise
	test/docker/with-docker true

.PHONY: build-cluster
build-cluster: setup ## Build what test-cluster runs from source, which it does itself otherwise: no test waits for a compiler
	node --conditions=tenfold-source test/cluster/build.ts
	for linter in kube-score kubeconform; do test/cluster/chart/install-linter $$linter || exit 1; done

.PHONY: services
services: setup ## Start the services that tests use, and print where they are (Ctrl-C stops them)
	@exec node --conditions=tenfold-source test/services/main.ts

.PHONY: install-services
install-services: ## Install what is missing of them, from the system's packages and from Maven Central
	@test/services/install

.PHONY: coverage
coverage: setup ## Which lines the unit tests reach
	NODE_DISABLE_COMPILE_CACHE=1 c8 --reporter=text-summary --reporter=html $(MAKE) test-unit

.PHONY: check
check: setup ## Format, lint, types, generated files, import arrows, file length, exports
	biome ci .
	tsc
	tsc -p console
	node --conditions=tenfold-source resources/generate/main.ts --check
	node --conditions=tenfold-source server/config/generate.ts --check
	node --conditions=tenfold-source scripts/sdk-reference/main.ts --check
	node --conditions=tenfold-source scripts/chart/main.ts --check
	$(MOCHA) 'test/architecture/**/*.test.ts' test/simulation/mutations/mutations.test.ts

.PHONY: fix
fix: setup ## Format and apply safe lint fixes
	biome check --write .

.PHONY: generate
generate: setup ## Write JSON Schema, CRDs and reference pages from kinds, configuration and SDK, and what the chart has of them
	node --conditions=tenfold-source resources/generate/main.ts
	node --conditions=tenfold-source server/config/generate.ts
	node --conditions=tenfold-source scripts/sdk-reference/main.ts
	node --conditions=tenfold-source scripts/chart/main.ts

.PHONY: build
build: setup ## Bundle what ships into dist/
	$(if $(BUILT),,node --conditions=tenfold-source scripts/build.ts)

.PHONY: packages
packages: setup build ## Pack the three npm packages, the SDK, the command line and what npm create runs, into dist/packages/
	rm -rf dist/packages && mkdir -p dist/packages
	npm pack --ignore-scripts --silent --workspaces --include-workspace-root --pack-destination dist/packages

.PHONY: images
images: setup ## Build both container images into dist/images/, without Docker
	node --conditions=tenfold-source --disable-warning=ExperimentalWarning scripts/images/main.ts

.PHONY: push-charts
HELM ?= helm
push-charts: ## Package both charts and push them: REGISTRY=oci://registry.example/charts (PUSH_FLAGS go to helm push)
	@test -n "$(REGISTRY)" || { echo 'Say where to: make push-charts REGISTRY=oci://registry.example/charts' >&2; exit 2; }
	rm -rf dist/charts
	for chart in charts/*/; do $(HELM) package "$$chart" --destination dist/charts || exit 1; done
	for package in dist/charts/*.tgz; do $(HELM) push "$$package" "$(REGISTRY)" $(PUSH_FLAGS) || exit 1; done

.PHONY: kind-up
kind-up: setup ## A cluster on this machine with Tenfold and the coffee shop, by Docker and kind or minikube
	@k8s/kind/up

.PHONY: kind-down
kind-down: ## Remove it
	@k8s/kind/down

.PHONY: bench
bench: setup ## Measure against the bars and the peers; writes bench/results/
	cd bench && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	for bench in $(filter-out bench/measure/%,$(wildcard bench/*/*.ts)); do node --conditions=tenfold-source $$bench || exit 1; done

.PHONY: clean
clean: ## Remove what was built
	rm -rf dist sdk/dist create/dist coverage
