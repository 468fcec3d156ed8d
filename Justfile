# The tasks by their short names; `cargo xtask --help` explains them.

# List the tasks
default:
    @just --list

# Build, then verify a signed image (allowed) and one that was tampered with (denied)
demo:
    cargo xtask demo

# Run every test, or those whose name contains FILTER
test *FILTER:
    cargo xtask test {{FILTER}}

# Build the module and the `sealstone` program; `--release` optimises the program
build *OPTIONS:
    cargo xtask build {{OPTIONS}}

# Build the module in two other folders and compare the bytes
reproducible:
    cargo xtask build --check-reproducible

# Pack the modules as OCI image layouts with SBOM and provenance; `--check-reproducible` compares
pack *OPTIONS:
    cargo xtask pack {{OPTIONS}}

# Fuzz each target, or those named, for some seconds (`--seconds N`)
fuzz *OPTIONS:
    cargo xtask fuzz {{OPTIONS}}

# Print microseconds per decision and the size of each module
bench *OPTIONS:
    cargo xtask bench {{OPTIONS}}

# Print the size of each module and hold it against its budget
size:
    cargo xtask size

# Compare our verifier with sigstore-go, @sigstore/verify, sigstore (PyPI) and sigstore-verify
differential:
    cargo xtask differential

# Run the program together with cosign and with registries
hosts:
    cargo xtask hosts

# Check format, lints, documentation and dependencies
lint:
    cargo xtask lint

# Format the sources
format:
    cargo fmt --all

# Everything that a change must pass
ci:
    cargo xtask ci
