<?php // SPDX-License-Identifier: MIT
// The ways in which PHP writes a file.
file_put_contents('out/put', 'x'); file_put_contents('out/old-php', 'y', FILE_APPEND);
$f = fopen('out/open', 'w'); fwrite($f, 'x'); fclose($f);
$f = fopen('out/new', 'x'); fclose($f);
copy('out/put', 'out/copied'); touch('out/touched');
file_put_contents('tmp', 'x'); rename('tmp', 'out/renamed');
link('out/put', 'out/linked'); symlink('put', 'out/symlinked');
exec('echo > out/exec'); shell_exec('echo > out/shell'); system('echo > out/system');
$p = proc_open(['cp', 'out/put', 'out/no-env'], [], $pipes, null, []); proc_close($p);
$p = popen('cat > out/popen', 'w'); fwrite($p, 'x'); pclose($p);
