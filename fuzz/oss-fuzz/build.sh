#!/bin/bash
# What OSS-Fuzz calls: builds every target with $CC, $CXX, $CFLAGS, $CXXFLAGS and $LIB_FUZZING_ENGINE into $OUT, each with
# its seed corpus, its dictionary and its options. Needs nothing of OSS-Fuzz but these variables.
set -eu
source=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." 2>/dev/null && pwd)
[ -e "$source/fuzz/adapter.h" ] || source=$SRC/upspec

build() {  # FOLDER CXXFLAGS [options]
  cmake -S "$source" -B "$1" -G Ninja -DCMAKE_BUILD_TYPE=None -DCMAKE_C_COMPILER="$CC" -DCMAKE_CXX_COMPILER="$CXX" \
    -DCMAKE_C_FLAGS="$CFLAGS" -DCMAKE_CXX_FLAGS="$2" -DUPSPEC_FUZZING_ENGINE="$LIB_FUZZING_ENGINE" "${@:3}"
}
give() {  # PROGRAM NAME SEEDS
  cp "$1" "$OUT/$2"
  cp "$source/fuzz/upspec.dict" "$OUT/$2.dict"
  printf '[libfuzzer]\nmax_len = 4096\ntimeout = 25\n' > "$OUT/$2.options"
  (cd "$source/fuzz/seeds/$3" && zip -qr - .) > "$OUT/$2_seed_corpus.zip"
}

# pugixml comes compiled from the distribution, against libstdc++.
flags=${CXXFLAGS//-stdlib=libc++/}
build "$WORK/targets" "$flags" -DUPSPEC_FUZZ=ON
cmake --build "$WORK/targets" --target fuzz_targets
mkdir -p "$OUT/cases"
cp "$source"/cases/{messages,requirements}.xml "$OUT/cases/"  # case_loader reads them
for seeds in "$source"/fuzz/seeds/*; do
  name=$(basename "$seeds")
  [ ! -x "$WORK/targets/fuzz/$name" ] || give "$WORK/targets/fuzz/$name" "$name" "$name"
done

# The linked lane: the adapter has the engine's counters, the harness around it has none.
uncounted=${flags//-fsanitize=fuzzer-no-link /}
build "$WORK/lanes" "${uncounted//fuzzer-no-link,/}" -DUPSPEC_ADAPTER_FLAGS="$flags"
cmake --build "$WORK/lanes" --target nghttp2_linked nghttp2_proxy_linked
give "$WORK/lanes/fuzz/nghttp2_linked" nghttp2_linked session_server
give "$WORK/lanes/fuzz/nghttp2_proxy_linked" nghttp2_proxy_linked session_proxy
