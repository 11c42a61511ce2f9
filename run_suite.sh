#!/usr/bin/env bash
# Sets up what is missing, builds, and runs the suite: `./run_suite.sh [options of "upspec run"]`. With no options it tests
# the embedded reference. `./run_suite.sh --self-test [options of ctest]` runs the tests of the project itself.
# Exit status: what `upspec run` or ctest says; 3 when it did not come to that.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
build=$root/build/release

say() { echo "run_suite.sh: $*" >&2; }

# Runs a command that has nothing to say unless it fails.
quietly() {
  local output
  output=$("$@" 2>&1 </dev/null) && return
  printf '%s\n' "$output" >&2
  say "failed: $*"
  exit 3
}

# shellcheck disable=SC2016  # dpkg-query fills in ${Package}, not the shell
missing_packages() {
  local wanted
  wanted=$(awk '$2 == "suite" { print $1 }' "$root/cmake/packages.txt")
  comm -23 <(sort <<<"$wanted") \
    <(xargs dpkg-query -W -f '${Package} ${db:Status-Status}\n' <<<"$wanted" 2>/dev/null | awk '$2 == "installed" { print $1 }' | sort)
}

install_what_is_missing() {
  local as_root=() missing
  mapfile -t missing < <(missing_packages)
  [ ${#missing[@]} -gt 0 ] || return 0
  say "needs these Debian packages (cmake/packages.txt):"
  for package in "${missing[@]}"; do grep -E "^$package " "$root/cmake/packages.txt" | sed 's/ suite / /; s/^/  /' >&2; done
  if [ "$(id -u)" != 0 ]; then
    if ! sudo -n true 2>/dev/null; then
      say "may not install them; please run: sudo apt-get install --no-install-recommends ${missing[*]}"
      exit 3
    fi
    as_root=(sudo)
  fi
  say "installs them with apt-get ..."
  quietly "${as_root[@]}" apt-get update
  quietly "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${missing[@]}"
}

build() {
  [ -e "$build/build.ninja" ] || quietly cmake -S "$root" --preset release
  [ -e "$build/upspec" ] || say "builds; the first time takes some minutes ..."
  quietly cmake --build "$build" "$@"
  ln -sfn release/upspec "$root/build/upspec"
}

install_what_is_missing
if [ "${1:-}" = --self-test ]; then
  shift
  build
  cd "$root"
  exec ctest --preset release "$@"
fi
build --target upspec
case " $* " in
  *" --out "* | *" --out="*) out=() ;;
  *) out=(--out "$root/reports/out") ;;
esac
exec "$build/upspec" run "${out[@]}" "$@"
