#!/usr/bin/env bash
# Shows that planted bugs are found: for each, the session target is fuzzed with the bug switched on, from the short seeds
# of fuzz/scripts that do not hold it, until it is found or its budget is over. Found: what the fuzzer kept fails again with
# the bug, and passes without. Writes a table, and fails where one was not found.
#   planted.sh [BUILD [SECONDS [SEED]]]       BUILD: a build of the preset fuzz (build/fuzz); seconds of the processor
#   PLANTS="ID ..." planted.sh                only these
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
build=$(realpath "${1:-$here/../build/fuzz}"); cd "$here"
budget=${2:-60}; seed=${3:-1}
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
# An allocation that fails, or a loop that never ends, ends the run as a crash does.
options=(-dict=upspec.dict -max_len=1024 -timeout=3 -rss_limit_mb=1024 "-seed=$seed" -artifact_prefix="$work/")
status=0
printf '%-8s %-36s %-9s %10s %8s  %s\n' role bug found runs seconds by
while read -r role id; do
  case $role in '' | '#'*) continue ;; esac
  [ -z "${PLANTS:-}" ] || [[ " $PLANTS " == *" $id "* ]] || continue
  target=$build/fuzz/session_$role
  rm -rf "$work/seeds"; mkdir "$work/seeds"
  held=0
  for file in seeds/short_"$role"/*; do
    if UPSPEC_PLANT=$id "$target" "${options[@]}" "$file" >/dev/null 2>&1; then cp "$file" "$work/seeds/"; else held=$((held + 1)); fi
  done
  rm -f "$work"/*-*  # of seeds that hold it
  code=0
  (
    ulimit -St "$budget"
    code=0
    UPSPEC_PLANT=$id "$target" "${options[@]}" "-max_total_time=$((budget * 20))" "$work/seeds" >"$work/log" 2>&1 || code=$?
    times >"$work/time"
    exit $code
  ) 2>/dev/null || code=$?
  seconds=$(awk -F'[ms ]+' 'END { print $1 * 60 + $2 + $3 * 60 + $4 }' "$work/time")
  found=no
  kept=$(find "$work" -maxdepth 1 -name '*-*' -type f | head -1)
  if [ $code != 0 ] && [ -n "$kept" ] && ! UPSPEC_PLANT=$id "$target" "${options[@]}" "$kept" >/dev/null 2>&1 &&
    "$target" "${options[@]}" "$kept" >/dev/null 2>&1; then found=yes; else status=1; fi
  rm -f "$work"/*-*
  runs=$(grep -oE '^#[0-9]+' "$work/log" | tail -1 | tr -d '#')
  by=$(grep -m1 -oE 'does not hold: [a-z]+[^:]*|deadly signal|detected memory leaks|timeout after|out-of-memory' "$work/log" || true)
  printf '%-8s %-36s %-9s %10s %8.1f  %s\n' "$role" "$id" "$found" "${runs:-0}" "$seconds" "${by#does not hold: }$([ $held -eq 0 ] || echo " ($held seeds left out)")"
done <planted.txt
exit $status
