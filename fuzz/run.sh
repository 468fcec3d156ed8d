#!/bin/sh
# Fuzzes each target, or those named, for the given number of seconds; fails on a finding.
#
#   fuzz/run.sh SECONDS [TARGET…]
#
# Without a sanitizer: the verifier has no unsafe code, so what can go wrong is a panic, an overflow, unbounded
# work or a wrong acceptance, and all of these show without one, at several times the speed.
set -eu

seconds=${1:?usage: fuzz/run.sh SECONDS [TARGET…]}
shift
cd "$(dirname "$0")/.."

version=0.13.2
if [ "$(cargo fuzz --version 2>/dev/null)" != "cargo-fuzz $version" ]; then
    cargo install --locked --version "$version" cargo-fuzz
fi
targets=${*:-$(cargo +nightly fuzz list)}
cargo run --quiet --manifest-path fuzz/Cargo.toml --example seeds
cargo +nightly fuzz build --sanitizer none

for target in $targets; do
    echo "== $target"
    cargo +nightly fuzz run --sanitizer none "$target" -- \
        -max_total_time="$seconds" -max_len=32768 -timeout=10 -rss_limit_mb=1024 -print_final_stats=1
done
