#!/bin/sh
# Draws the top of a run's report as report.png beside this script: docs/images/report.sh RUN_DIR/report.html
# Needs Chromium (Debian: apt-get install chromium).
set -eu
here=$(cd "$(dirname "$0")" && pwd)
page=$(realpath "$1")
profile=$(mktemp -d)
trap 'rm -rf "$profile"' EXIT
chromium --headless --no-sandbox --disable-gpu --no-first-run --disable-background-networking --hide-scrollbars \
  --user-data-dir="$profile" --window-size=1140,1180 --virtual-time-budget=5000 \
  --screenshot="$here/report.png" "file://$page"
