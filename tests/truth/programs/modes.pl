# SPDX-License-Identifier: MIT
# The ways in which Perl writes a file.
use strict; use warnings;
use File::Copy qw(copy move); use Fcntl; use IO::File;
sub put { open(my $f, $_[0], $_[1]) or die "$_[1]: $!"; print $f 'x'; close $f }
put('>', 'out/open'); put('>>', 'out/append'); put('+<', 'out/old-pl');
sysopen(my $s, 'out/sysopen', O_CREAT | O_WRONLY) or die; close $s;
IO::File->new('out/io', 'w')->print('x');
copy('out/open', 'out/copied') or die; put('>', 'tmp'); move('tmp', 'out/moved') or die;
put('>', 'tmp'); rename('tmp', 'out/renamed') or die;
link('out/open', 'out/linked') or die; symlink('open', 'out/symlinked') or die;
truncate('out/old-truncate', 1) or die;
system('echo > out/shell'); `echo > out/ticks`;
open(my $p, '|-', 'cat > out/pipe') or die; print $p 'x'; close $p;
{ local %ENV = (); system('/bin/cp', 'out/open', 'out/no-env') }
if (!fork) { put('>', 'out/forked'); exit 0 } wait;
