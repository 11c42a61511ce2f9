# Which files can be compiled as one: awk -v most=N -f units.awk HEADER ... FILE ... prints a line "UNIT FILE" for each FILE.
# A name that one file declares for itself (in an unnamed namespace, or by `using`) is a word of no other file in its unit,
# unless both say the same `using`; a file is alone whose own name is that of some header's type or inline function.

FNR == 1 {
  header = FILENAME ~ /\.hpp$/
  local = 0
  if (!header) files[++count] = FILENAME
}
/^namespace [a-z]/ { space = $2 }
/^namespace \{/ { local = 1; next }
/^}  \/\/ namespace$/ { local = 0; next }

# A declaration begins at the margin, as clang-format has it; its name is what stands before the first of ( = { [ ;
/^[A-Za-z]/ && (header || local || /^using /) && !/^(TEST|INSTANTIATE|template|namespace)/ {
  text = $0
  while (gsub(/<[^<>]*>/, "", text)) {}
  is_type = text ~ /^(struct|class|enum) / || text ~ /^using .*=/
  if (text ~ /^(struct|class|enum) /) sub(/( final)? *[:{;].*/, "", text)
  sub(/ *[(={\[;].*/, "", text)
  sub(/.*[^A-Za-z0-9_]/, "", text)
  if (header && (is_type || /^inline [^c]/)) shared[space, text] = 1
  if (!header && text != "") {
    own[count] = own[count] " " text
    said[count, text] = /^using .*;$/ ? local $0 : FILENAME
    if (is_type || !/^using /) defined[count, text] = space
    # Those of an unscoped enumeration are names too.
    if (/^enum [A-Z].*{/) {
      text = $0
      gsub(/.*{|}.*|,/, " ", text)
      n = split(text, found, " ")
      for (i = 1; i <= n; i++) said[count, found[i]] = FILENAME
      own[count] = own[count] " " text
    }
  }
}

!header {
  text = $0
  gsub(/"([^"\\]|\\.)*"/, "", text)
  sub(/\/\/.*/, "", text)
  gsub(/(\.|->|::)[A-Za-z0-9_]+/, "", text)
  n = split(text, found, /[^A-Za-z0-9_]+/)
  for (i = 1; i <= n; i++) words[count, found[i]] = 1
}

function unseen(owner, other,    n, list, i) {
  n = split(own[owner], list, " ")
  for (i = 1; i <= n; i++) if ((other, list[i]) in words && said[owner, list[i]] != said[other, list[i]]) return 0
  return 1
}

function fits(unit, f,    i) {
  if (size[unit] >= most || alone[unit]) return 0
  for (i = 1; i <= size[unit]; i++) if (!unseen(f, member[unit, i]) || !unseen(member[unit, i], f)) return 0
  return 1
}

END {
  for (f = 1; f <= count; f++) {
    lonely = 0
    n = split(own[f], list, " ")
    for (i = 1; i <= n; i++) if ((defined[f, list[i]], list[i]) in shared) lonely = 1
    for (unit = 1; size[unit] && (lonely || !fits(unit, f)); unit++) {}
    alone[unit] = lonely
    member[unit, ++size[unit]] = f
    print unit, files[f]
  }
}
