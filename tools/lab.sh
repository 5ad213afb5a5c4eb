#!/usr/bin/env bash
# The lab by hand: tools/lab.sh up [--mode Redirected|Routed|Masqueraded], tools/lab.sh road, tools/lab.sh --help.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/environment"
need_root tools/lab.sh
tools/setup
build
exec artifacts/bin/Lab/release/lab "$@"
