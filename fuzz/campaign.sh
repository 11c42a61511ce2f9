#!/usr/bin/env bash
# One campaign, whatever the lane. Says how it goes, goes on from the corpus that the last one left, confirms, minimises
# and sorts what it finds, and writes it down. Exit status: 0 nothing found, 1 findings, 2 the call is wrong, 3 it cannot run.
#   campaign.sh [OPTION...] TARGET...
#     session_server ...       a target of fuzz/; `all`: each of them
#     nghttp2_linked ...       a linked fuzzer (lanes.cmake), built by the preset release
#     "process:PROGRAM ARG..." a program that was linked with runtime/: with its coverage, from its own process
#     FILE.xml                 an implementation as it is (cases/targets): `upspec fuzz`
#   --time SECONDS    of each target (60)
#   --jobs N          processes side by side (1)
#   --corpus DIR      kept from campaign to campaign (OUT/corpus)
#   --build DIR       where the targets are (../build/fuzz; of the lanes ../build/release)
#   --out DIR         findings, logs, junit.xml (../reports/fuzz)
#   --merge           before: of corpus and seeds only what adds coverage stays
#   --coverage        after: OUT/coverage/TARGET/index.html, what of a linked fuzzer's adapter the corpus covers (llvm-cov)
set -uo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
seconds=60 jobs=1 corpus='' build='' out=$here/../reports/fuzz merge=no coverage=no targets=()
usage() { echo "campaign.sh: $1" >&2; exit 2; }
while [ $# -gt 0 ]; do
  case $1 in
    --time) seconds=${2:?} && shift 2 ;;
    --jobs) jobs=${2:?} && shift 2 ;;
    --corpus) corpus=$(realpath -m -- "${2:?}") && shift 2 ;;
    --build) build=$(realpath -m -- "${2:?}") && shift 2 ;;
    --out) out=${2:?} && shift 2 ;;
    --merge) merge=yes && shift ;;
    --coverage) coverage=yes && shift ;;
    -*) usage "$1 is no option" ;;
    *) targets+=("$1") && shift ;;
  esac
done
[ ${#targets[@]} -gt 0 ] || usage "which target? one of fuzz/*.cpp, all, a linked fuzzer, process:PROGRAM, FILE.xml"
mkdir -p "$out/findings" && out=$(cd "$out" && pwd) || exit 3
corpus=${corpus:-$out/corpus}
[ "${targets[0]}" != all ] || mapfile -t targets < <(sed -n 's/^ *fuzz_target(\([a-z0-9_]*\).*/\1/p' "$here/CMakeLists.txt")
artifacts=$(mktemp -d) && trap 'rm -rf "$artifacts"' EXIT

escaped() { tr -d '\000-\010\013\014\016-\037' | iconv -c -t utf-8 | sed 's/&/\&amp;/g; s/</\&lt;/g; s/>/\&gt;/g; s/"/\&quot;/g'; }
cases='' failures=0 tests=0 status=0
note() {  # NAME SECONDS [MESSAGE [TEXT-FILE]]: one test case
  tests=$((tests + 1))
  cases+="  <testcase classname=\"fuzz\" name=\"$(escaped <<<"$1" | tr -d '\n')\" time=\"$2\""
  if [ $# -lt 3 ]; then cases+=$'/>\n'; return; fi
  failures=$((failures + 1))
  cases+=">"$'\n'"    <failure message=\"$(escaped <<<"$3" | tr -d '\n')\">$([ $# -lt 4 ] || head -c 20000 "$4" | escaped)</failure>"$'\n  </testcase>\n'
}

# What a finding is known by: oracle and requirement, or the sanitizer's words and place; a signal by the two innermost
# places of its stack that are not the system's. Equal keys are one finding.
key_of() {
  local words places=''
  words=$(grep -m1 -oE 'does not hold: [^:]*|upspec: (breach|hang|death|leak|monitor|unreadable|endless|smuggling|early|accept|transfer) [^:]*|SUMMARY: [A-Za-z]*Sanitizer: [^ ]+ .*|libFuzzer: [a-z-]+' "$1")
  [[ $words != libFuzzer* ]] || places=$(grep -E '^ *#[0-9]+ .* /[^ ]*:[0-9]+' "$1" | grep -v ' /usr/' | head -2 | sed -E 's#.*/##' | tr '\n' ' ')
  sed -E 's/^(does not hold|upspec|SUMMARY): //; s#/[^ ]*/##g; s/0x[0-9a-f]+//g' <<<"$words $places" | tr -c 'A-Za-z0-9_.\n-' '.' | tr -s . | cut -c1-100 | sed 's/\.*$//'
}

# What the targets leave out for speed: where memory was allocated, frames of functions that have returned.
export_deep() { export ASAN_OPTIONS=malloc_context_size=30:detect_stack_use_after_return=1${ASAN_OPTIONS:+:$ASAN_OPTIONS}; }

# INPUT: in a fresh process, which says into $artifacts/log what happens. (How it died is not for the shell to say.)
play() { { (export_deep && exec "${command[@]}" "${options[@]}" "$1" "${behind[@]}") >"$artifacts/log" 2>&1; } 2>/dev/null; }
# INPUT KEY: does it show the same?
shows() { ! play "$1" && [ "$name.$(key_of "$artifacts/log")" = "$2" ]; }
take() { if [ -s "$1" ] && shows "$1" "$2"; then cp "$1" "$out/findings/$2/input" && cp "$artifacts/log" "$out/findings/$2/evidence.txt"; else false; fi; }

# KEY: without the steps that it does not need, many at once, then one by one, for half a minute at most.
drop_steps() {
  local text=$artifacts/text fewer=$artifacts/fewer steps size at end=$((SECONDS + 30))
  "$build_now/upspec" convert --to script "$out/findings/$1/input" "$text"
  steps=$(grep -cE '^(front|behind)' "$text")
  for ((size = (steps + 1) / 2; size >= 1; size /= 2)); do
    for ((at = 0; at < steps && SECONDS < end;)); do
      awk -v from=$at -v to=$((at + size)) '/^(front|behind)/ { step++ } step <= from || step > to' "$text" >"$fewer"
      if "$build_now/upspec" convert --to seed "$fewer" "$artifacts/small" && take "$artifacts/small" "$1"; then
        mv "$fewer" "$text"
        steps=$(grep -cE '^(front|behind)' "$text")
      else
        at=$((at + size))
      fi
    done
  done
}

# ONE ARTIFACT: again in a fresh process, smaller, and where nothing with its key stands yet.
keep() {
  local artifact=$1 key folder requirement small=$artifacts/small
  play "$artifact" && { echo "  not seen again: $(basename "$artifact")"; return; }
  key=$name.$(key_of "$artifacts/log")
  folder=$out/findings/$key
  [ ! -e "$folder" ] || return
  mkdir -p "$folder" && cp "$artifact" "$folder/input" && cp "$artifacts/log" "$folder/evidence.txt"
  if [ "$scripted" = yes ] && [ -x "$build_now/upspec" ]; then
    drop_steps "$key"
    "$build_now/upspec" convert --to script "$folder/input" "$folder/script.txt"
    requirement=$(grep -oE '[A-Z]+-[0-9]+$' <<<"$key")
    "$build_now/upspec" convert --to case ${requirement:+--checks "$requirement"} "$folder/input" "$folder/case.xml"
  else
    timeout 40 "${command[@]}" "${options[@]}" -minimize_crash=1 -max_total_time=10 "-exact_artifact_path=$small" "$artifact" "${behind[@]}" >/dev/null 2>&1
    take "$small" "$key"
  fi
  echo "finding  $key"$'\n'"         $folder"
  note "$key" 0 "$key" "$folder/evidence.txt"
}

# The adapter's own lines, by a program that was compiled for nothing else (lanes.cmake).
report_coverage() {
  local program=$build_now/fuzz/${name}_coverage to=$out/coverage/$name tools
  tools=$(dirname "$(readlink -f "$(command -v llvm-cov-19 || command -v llvm-cov)")")
  [ -x "$program" ] || { echo "campaign.sh: ${name}_coverage is not built, or $name is not a linked fuzzer" >&2; status=3; return; }
  mkdir -p "$to"
  if ! LLVM_PROFILE_FILE=$artifacts/raw "$program" -runs=0 "$corpus/$name" "${seeds[@]}" >"$to/replay.log" 2>&1 ||
    ! "$tools/llvm-profdata" merge -o "$artifacts/profile" "$artifacts/raw" ||
    ! "$tools/llvm-cov" show -format=html -show-branches=count -instr-profile "$artifacts/profile" -o "$to" "$program" ||
    ! "$tools/llvm-cov" report -instr-profile "$artifacts/profile" "$program" >"$to/summary.txt"; then
    echo "campaign.sh: no coverage report" >&2
    status=3
    return
  fi
  echo "$name: $(awk '/^TOTAL/ { print $7 " of functions, " $10 " of lines" }' "$to/summary.txt") covered: $to/index.html"
}

# PROCESS: the ticks of processor time of it and all that it has started.
ticks_of() {
  local sum=0 child stat
  read -r stat 2>/dev/null <"/proc/$1/stat" || { echo 0; return; }
  read -ra stat <<<"${stat##*) }"
  sum=$((stat[11] + stat[12] + stat[13] + stat[14]))
  for child in $(cat "/proc/$1/task/$1/children" 2>/dev/null); do sum=$((sum + $(ticks_of "$child"))); done
  echo "$sum"
}

# SECONDS [OPTION...]: the live line is the log's last, what has been found, and how much of the time is spent waiting.
# Bounded: forks that all die at once never look at their clock.
fuzz_for() {
  timeout -k 10 $(($1 + 60)) "${command[@]}" "${options[@]}" "${@:2}" "-max_total_time=$1" \
    "-artifact_prefix=$artifacts/$name/" "$corpus/$name" "${seeds[@]}" "${behind[@]}" >>"$out/$name.log" 2>&1 &
  local pid=$! before=0 now busy
  trap 'kill $pid 2>/dev/null' INT TERM
  while kill -0 $pid 2>/dev/null; do
    sleep 2
    line=$(grep -E '^#[0-9]+' "$out/$name.log" | tail -1)
    [ -t 1 ] || continue
    now=$(ticks_of $pid)
    [ "$now" -ge "$before" ] || break  # it is over
    busy=$(((now - before) * 50 / $(getconf CLK_TCK) / jobs)) before=$now
    printf '\r%s: %s; %d %% waiting, %d inputs with findings\033[K' "$name" "${line%% L: *}" $((busy > 100 ? 0 : 100 - busy)) \
      "$(find "$artifacts/$name" -type f ! -name '*.evidence' | wc -l)"
  done
  wait $pid
}

one() {
  command=() behind=() scripted=no
  local target=$1 seeds=() begin=$SECONDS program
  build_now=${build:-$here/../build/fuzz} name=$target
  if [[ $target == *.xml ]]; then
    build_now=${build:-$here/../build/release} name=$(basename "$target" .xml)
    "$build_now/upspec" fuzz --implementation "$target" --time "$seconds" --jobs "$jobs" --corpus "$corpus/$name" --out "$out/$name"
    case $? in
      0) note "$name" $((SECONDS - begin)) ;;
      1) note "$name" $((SECONDS - begin)) "findings: $out/$name/junit.xml" ;;
      *) status=3 && note "$name" $((SECONDS - begin)) "it could not run" ;;
    esac
    return
  fi
  if [[ $target == process:* ]]; then
    build_now=${build:-$here/../build/release}
    read -ra behind <<<"-- ${target#process:}"
    name=$(basename "${behind[1]}") && program=$build_now/fuzz/process_lane && command=("$program") && scripted=yes
  else
    [ -x "$build_now/fuzz/$target" ] || { [ -n "$build" ] || build_now=$here/../build/release; }
    # From here, for what some of them read beside their input (../cases).
    program=$build_now/fuzz/$target && command=(env -C "$here" "$program")
    grep -q "^ *fuzz_target($target .*SCRIPT" "$here/CMakeLists.txt" || [ ! -d "$here/seeds/$target" ] && scripted=yes
  fi
  [ -x "$program" ] || { echo "campaign.sh: $program is not built" >&2; status=3; return; }
  options=("-dict=$here/upspec.dict" -max_len=4096 -timeout=10 -rss_limit_mb=2048)
  for folder in "$here/seeds/$name" "$here/regressions/$name"; do [ ! -d "$folder" ] || seeds+=("$folder"); done
  [ ${#seeds[@]} -gt 0 ] || seeds=("$here/seeds/session_server" "$here/seeds/session_proxy")
  mkdir -p "$corpus/$name" "$artifacts/$name"
  if [ $merge = yes ]; then
    mkdir -p "$artifacts/merged"
    "${command[@]}" "${options[@]}" -merge=1 "$artifacts/merged" "$corpus/$name" "${seeds[@]}" "${behind[@]}" >"$out/$name.log" 2>&1
    echo "$name: $(find "$corpus/$name" "${seeds[@]}" -type f | wc -l) inputs, $(find "$artifacts/merged" -type f | wc -l) after the merge"
    rm -rf "${corpus:?}/$name" && mv "$artifacts/merged" "$corpus/$name"
  fi
  echo "$name: $seconds s, $jobs side by side, corpus $corpus/$name ($(find "$corpus/$name" -type f | wc -l) inputs)"
  local before after
  before=$(cut -d' ' -f16,17 /proc/$$/stat)
  [ ${#behind[@]} -eq 0 ] || export UPSPEC_FINDINGS=$artifacts/$name
  : >"$out/$name.log"
  # Forks read the corpus anew every half minute, and a fuzzer that is alone need not: one is used until it has found
  # something, and forks from then on. A program of its own dies alone, so its fuzzer goes on.
  local forks=("-fork=$jobs" -ignore_crashes=1 -ignore_timeouts=1 -ignore_ooms=1)
  if [ ${#behind[@]} -gt 0 ]; then
    fuzz_for "$seconds"
  elif [ "$jobs" -gt 1 ]; then
    fuzz_for "$seconds" "${forks[@]}"
  else
    fuzz_for "$seconds"
    local left=$((seconds - SECONDS + begin))
    [ "$left" -le 2 ] || [ -z "$(ls "$artifacts/$name")" ] || fuzz_for "$left" "${forks[@]}"
  fi
  line=$(grep -E '^#[0-9]+' "$out/$name.log" | tail -1)
  unset UPSPEC_FINDINGS
  after=$(cut -d' ' -f16,17 /proc/$$/stat)
  local took=$((SECONDS - begin > 0 ? SECONDS - begin : 1)) ticks=$((${after% *} + ${after#* } - ${before% *} - ${before#* }))
  local busy=$((ticks * 100 / $(getconf CLK_TCK) / took))
  [ ! -t 1 ] || printf '\r\033[K'
  echo "$name: ${line:-no execution}; $busy % of a core busy"
  [ -n "$line" ] || { tail -5 "$out/$name.log" >&2; status=3; }
  note "$name" "$took"
  for artifact in "$artifacts/$name"/*.txt; do
    [ ! -e "$artifact" ] || "$build_now/upspec" convert --to seed "$artifact" "${artifact%.txt}.seed"
  done
  rm -f "$artifacts/$name"/*.txt "$artifacts/$name"/*.evidence
  for artifact in "$artifacts/$name"/*; do [ ! -e "$artifact" ] || keep "$artifact"; done
  [ $coverage = no ] || report_coverage
}

for target in "${targets[@]}"; do one "$target"; done
{
  counts="tests=\"$tests\" failures=\"$failures\" errors=\"0\" skipped=\"0\" time=\"$SECONDS\""
  printf '<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="upspec" %s>\n<testsuite name="fuzz" %s timestamp="%s">\n' \
    "$counts" "$counts" "$(date -u +%FT%TZ)"
  printf '%s</testsuite>\n</testsuites>\n' "$cases"
} >"$out/junit.xml"
echo "$tests test cases, $failures findings: $out/junit.xml"
[ $status = 0 ] || exit $status
[ "$failures" = 0 ]
