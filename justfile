# Shortcuts; `just` lists them. What CI asks stands in .ci/run.

export SAM_CLI_TELEMETRY := "0"
# Where .ci/run puts sam, cfn-lint and cargo-lambda.
export PATH := justfile_directory() + "/target/ci-venv/bin:" + env("PATH")

_list:
    @{{ just_executable() }} --list

# Everything CI asks for
check:
    .ci/run

# Every test
test:
    cargo test --workspace

# The whole bundle on this machine
run *arguments:
    cargo run -- {{ arguments }}

# The template alone
lint-template:
    .ci/run template

# Release build of the functions for this machine's architecture, as a check (a deploy builds for its own)
build:
    .ci/run build

# Builds for a stage of samconfig.toml and deploys it
deploy stage: _tools
    sam build --config-env {{ stage }} && sam deploy --config-env {{ stage }}

# The laws of the ledger over so many random histories each; the seed and the count are printed
laws cases="100000" seed=`date +%Y%m%d`:
    LAWS_CASES={{ cases }} LAWS_SEED={{ seed }} cargo test -p ledger --test laws -- --nocapture --skip every_short

# A simulation is the bundle's run: over the whole real run, and so many random programmes and histories
law-8 cases="40":
    SIMULATED_CASES={{ cases }} cargo test -p bundle-tests --test it simulation -- --nocapture --include-ignored

# Measurements
bench:
    cargo bench

_tools:
    .ci/run tools
