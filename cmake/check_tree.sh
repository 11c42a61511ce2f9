#!/usr/bin/env bash
# What neither the compiler nor a test of one room sees: no include that goes round a room's door, and no requirement id in the code
# that cases/requirements.xml does not have. Run by ctest from the root of the tree.
set -euo pipefail
! grep -rn '#include "\.\./' harness fuzz || { echo "an include goes round a door: name the room instead" >&2; exit 1; }
id='(NEG|REQ|ATT|BODY|RES|TUN|WS|H2C|PXY|SEC|XC)-[0-9]{2}'
known=$(grep -oE "id=\"$id\"" cases/requirements.xml | cut -d'"' -f2 | sort -u)
used=$(grep -rhoE "\"$id[\"/]" harness --include='*.cpp' --include='*.hpp' --exclude='*_test.cpp' --exclude='*_testing.hpp' | grep -oE "$id" | sort -u)
unknown=$(comm -13 <(echo "$known") <(echo "$used"))
[ -z "$unknown" ] || { echo "ids that cases/requirements.xml does not have: $unknown" >&2; exit 1; }
