#!/bin/sh
# Are bugs found in another process, from an empty corpus? One of a server needs five frames in order (extended CONNECT,
# WINDOW_UPDATE, DATA, SETTINGS with an entry, DATA, all valid, one stream) and is a death; one of an intermediary is a wrong
# translation (octets that come in one read with the 101 are lost). For each seed of the random generator: found or not,
# after how many seconds. Exit status 0: each by at least 4 of 5.
#   planted_lane.sh [BUILD-FOLDER [SECONDS]]   needs the targets process_lane, nghttp2_server_planted, nghttp2_proxy_planted
set -u
build=$(cd "${1:-build/release}/fuzz" && pwd) || exit 2
seconds=${2:-120}
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
status=0

hunt() {  # PROGRAM ORACLE
  found=0
  for seed in 1 2 3 4 5; do
    mkdir "$work/$1.$seed"
    start=$(date +%s)
    (cd "$work" && "$build/process_lane" -seed=$seed -max_total_time="$seconds" -max_len=2048 -artifact_prefix="$work/$1.$seed." \
      "$work/$1.$seed" -- "$build/$1") > "$work/log" 2>&1
    took=$(($(date +%s) - start))
    if grep -q "^upspec: $2 " "$work/log"; then
      found=$((found + 1))
      echo "$1, seed $seed: $2 after $took s, $(grep -o '^#[0-9]*' "$work/log" | tail -1 | tr -d '#') executions"
    else
      echo "$1, seed $seed: not found in $took s: $(grep -E '^(#|upspec)' "$work/log" | tail -1)"
    fi
  done
  echo "$found of 5"
  [ "$found" -ge 4 ] || status=1
}

hunt nghttp2_server_planted death
hunt nghttp2_proxy_planted transfer
exit $status
