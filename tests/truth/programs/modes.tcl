# SPDX-License-Identifier: MIT
# The ways in which Tcl writes a file.
foreach mode {w a w+} { set f [open out/open-$mode $mode]; puts $f x; close $f }
set f [open out/old-tcl r+]; puts $f y; close $f
file copy out/open-w out/copied
set f [open tmp w]; close $f; file rename tmp out/renamed
file link -hard out/linked out/open-w
file link -symbolic out/symlinked open-w
exec echo x > out/exec
set p [open "|cat > out/pipe" w]; puts $p x; close $p
