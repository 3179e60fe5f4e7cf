# Everything a person or CI runs. `make demo` and `make test` are the two that matter.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
# What is compiled where there is a C compiler: optional, and made of the same source, with a .pxd file beside it.
CODEC := $(wildcard collectors/*.pxd collectors/*/*.pxd)
ALONE := $(wildcard collectors/*/*.pyx)
COMPILED := $(VENV)/.compiled
# More than there are cores: most of the time tests wait for routers, processes and time-outs. Each costs what it takes to
# collect all tests, more than 10 s of a processor.
WORKERS ?= 6
# The software of a Linux router, and a kernel for real ones with all that they need of it: Debian packages.
ROUTER := frr frr-snmp frr-pythontools openssh-server nftables iproute2 strongswan-charon strongswan-swanctl \
  libcharon-extra-plugins libstrongswan-standard-plugins isc-dhcp-client keepalived rsyslog chrony procps netbase
KERNEL := qemu-system-x86 linux-image-amd64 busybox-static kmod
# What the simulator of SNMP agents, a program in C, is compiled with, and whom benchmarks compare polling with.
AGENTS := gcc libc6-dev libssl-dev
PEERS := snmpd snmp prometheus-snmp-exporter

# The gate and the demonstration start hundreds of processes: what Python compiled once must not be compiled by each.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: demo lab-dmvpn test check read install debian format types layers unit bench soak lock clean

demo: $(STAMP)
	@$(BIN)/spokesman demo

# The gate: installs what is missing, then format, lint, types, layers and all tests but the soak and the benchmarks.
# What needs a processor and nothing of the others is done side by side.
test: debian $(STAMP)
	@$(MAKE) --no-print-directory --jobs 2 --output-sync=target $(COMPILED) check read
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder -m "not soak and not bench"

# Python compiles each module of the tests once, and not once in each worker. What cannot be read the tests tell.
read: $(STAMP) $(COMPILED)
	@$(BIN)/python -m pytest --collect-only -q >/dev/null 2>&1 || true

# The quick part, for every commit.
check: $(STAMP)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy agent device_templates inventory collectors tests
	$(BIN)/lint-imports --no-cache

install: $(STAMP) $(COMPILED)

$(COMPILED): $(STAMP) $(CODEC) $(CODEC:.pxd=.py) $(ALONE) .ci/compile
	@.ci/compile $(BIN)/python
	@touch $@

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Spokesman needs Python 3.11 or later" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || .ci/debian python3-venv
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

# Real peers that the tests start: net-snmp's agent and tools, kamailio, a SIP server, a database server, what a Linux
# router runs, and a kernel for some of them.
debian:
	@.ci/debian snmpd snmp iputils-ping openssh-client kamailio kamailio-tls-modules postgresql $(ROUTER) $(KERNEL) $(AGENTS)

# Three real routers in a kernel of their own, provisioned, watched and broken; needs root.
lab-dmvpn: $(STAMP)
	@.ci/debian snmpd iputils-ping openssh-client $(ROUTER) $(KERNEL)
	@$(BIN)/spokesman demo --real

format: $(STAMP)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

unit: $(STAMP)
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile tests/unit tests/golden

bench: $(STAMP) $(COMPILED)
	@.ci/debian $(AGENTS) $(PEERS)
	$(BIN)/python -m tests.bench

soak: debian $(STAMP)
	@.ci/debian prometheus
	$(BIN)/python -m pytest -m soak
	$(BIN)/python -m pytest -n $(WORKERS) -m "property and not soak" --hypothesis-profile soak

lock:
	$(BIN)/pip-compile --quiet --generate-hashes --allow-unsafe --strip-extras --no-emit-index-url --no-emit-find-links \
	  --no-emit-trusted-host --extra dev --output-file requirements.lock pyproject.toml

clean:
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis build dist *.egg-info; find collectors -name '*.so' -delete
