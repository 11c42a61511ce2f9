#!/bin/sh
# Is a bug found that needs five frames in order (extended CONNECT, WINDOW_UPDATE, DATA, SETTINGS with an entry, DATA, all
# valid, one stream), in a server in another process, from seeds that do not hold it? For each seed of the random generator:
# found or not, after how many seconds. Exit status 0: by at least 4 of 5.
#   planted_sequence.sh BUILD-FOLDER [SECONDS]        needs the targets process_lane and nghttp2_server_planted
set -u
build=$(cd "${1:-build/release}/fuzz" && pwd) || exit 2
seconds=${2:-120}
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
found=0
for seed in 1 2 3 4 5; do
  mkdir "$work/$seed"
  start=$(date +%s)
  (cd "$work" && "$build/process_lane" -seed=$seed -max_total_time="$seconds" -max_len=2048 -artifact_prefix="$work/$seed." \
    "$work/$seed" -- "$build/nghttp2_server_planted") > "$work/log" 2>&1
  took=$(($(date +%s) - start))
  if grep -q '^upspec: death' "$work/log"; then
    found=$((found + 1))
    echo "seed $seed: found after $took s, $(grep -o '^#[0-9]*' "$work/log" | tail -1 | tr -d '#') executions"
  else
    echo "seed $seed: not found in $took s: $(grep -E '^(#|upspec)' "$work/log" | tail -1)"
  fi
done
echo "$found of 5"
[ "$found" -ge 4 ]
