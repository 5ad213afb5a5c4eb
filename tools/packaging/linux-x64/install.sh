#!/bin/sh
# Installs the service from this folder and starts it; --uninstall takes it away.
#   ./install.sh [--config FILE]
set -eu
folder=$(cd "$(dirname "$0")" && pwd)
config=$folder/fwredirect.json
[ "$(id -u)" = 0 ] || { echo "install.sh: this needs root: sudo $0" >&2; exit 1; }
case "${1:-}" in
  --uninstall)
    "$folder/fwredirect" stop || true
    exec "$folder/fwredirect" uninstall ;;
  --config) config=$2 ;;
  '') ;;
  *) echo "install.sh: no such option: $1" >&2; exit 2 ;;
esac
[ -f "$config" ] || { echo "install.sh: $config is missing: write it first, README.txt has an example" >&2; exit 1; }
"$folder/fwredirect" check --config "$config"
"$folder/fwredirect" install --config "$config"
"$folder/fwredirect" start
"$folder/fwredirect" status
