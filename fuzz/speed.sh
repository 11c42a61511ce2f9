#!/usr/bin/env bash
# Executions a second of one core, all in one run: every target on its seeds, the lanes on the example server, beside a
# plain loop over a session of libnghttp2. Prints a table. By the processor's clock, the fastest of ten slices, but for the lanes, which are
# libFuzzer's own count with mutation and corpus.
#   speed.sh [RELEASE-BUILD [FUZZ-BUILD [SECONDS]]]   needs session_speed in both; in the first the targets, process_lane,
#                                                     nghttp2_server, nghttp2_linked, nghttp2_proxy
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
release=$(realpath "${1:-$here/../build/release}")/fuzz fuzz=$(realpath "${2:-$here/../build/fuzz}")/fuzz seconds=${3:-2}
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
cd "$here"
row() { printf '| %s | %s | %s |\n' "$1" "$2" "$(sed ':a;s/\B[0-9]\{3\}\>/,&/;ta' <<<"$3")"; }
targets() {  # "N runs a second, N octets on average, N inputs: NAME"
  while read -r speed _ _ _ octets _ _ _ _ _ name; do row "$name$1" "$octets" "$speed"; done
}
lane() { sed -nE 's/^#([0-9]+)\tDONE.*/\1/p' "$work/log"; }
echo '| what | octets on average | executions a second |'
echo '| --- | ---: | ---: |'
"$release/session_speed" "$seconds" seeds | targets ', release'
"$fuzz/session_speed" "$seconds" seeds | targets ', AddressSanitizer and UndefinedBehaviorSanitizer'
for target in offer_grammar field_sections frame_codec frames_as_nghttp2 hpack_codec http1_heads websocket_frames translation script_forms \
  case_loader target_loader junit_writer; do
  echo "$("$release/$target" --seconds "$seconds" "seeds/$target" 2>/dev/null): \`$target\`" | targets ', release'
done
mkdir "$work/process" "$work/proxy" "$work/linked"
"$release/process_lane" -max_total_time=$((seconds * 5)) -max_len=1024 "$work/process" seeds/short_server -- "$release/nghttp2_server" 2>"$work/log"
row 'process with coverage, from short seeds' 'up to 1,024' $(($(lane) / (seconds * 5)))
"$release/process_lane" -max_total_time=$((seconds * 5)) -max_len=1024 "$work/proxy" seeds/short_proxy -- "$release/nghttp2_proxy" 2>"$work/log"
row 'an intermediary, process with coverage, from short seeds' 'up to 1,024' $(($(lane) / (seconds * 5)))
"$release/nghttp2_linked" -max_total_time=$((seconds * 5)) -max_len=1024 "$work/linked" seeds/short_server 2>"$work/log"
row 'linked, with AddressSanitizer, from short seeds' 'up to 1,024' $(($(lane) / (seconds * 5)))
