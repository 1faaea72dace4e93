# Shares sources out to units: "NUMBER FILE" for each. Two sources of a unit are of one folder, and define nothing of the
# same name for themselves (in a namespace without a name, as clang-format closes it).
FNR == 1 {
  if (file != "") place()
  file = FILENAME
  split("", names)
  inside = 0
}
/^namespace \{$/ { inside = 1; next }
/^\}  \/\/ namespace$/ { inside = 0 }
inside && /^[A-Za-z]/ {
  line = $0
  sub(/ : .*/, "", line)
  if (match(line, /[A-Za-z_0-9]+( final)?( =|\(|\{| \{|;|\[|$)/)) {
    name = substr(line, RSTART)
    sub(/[^A-Za-z_0-9].*/, "", name)
    names[name] = 1
  }
}
END { if (file != "") place() }

function place(   folder, unit, name, clash) {
  folder = file
  sub(/\/[^\/]*$/, "", folder)
  for (unit = 1; unit <= units; ++unit) {
    if (folders[unit] != folder || sizes[unit] >= most) continue
    clash = 0
    for (name in names) if ((unit, name) in taken) { clash = 1; break }
    if (!clash) break
  }
  if (unit > units) { units = unit; folders[unit] = folder }
  ++sizes[unit]
  for (name in names) taken[unit, name] = 1
  print unit, file
}
