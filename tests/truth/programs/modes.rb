# SPDX-License-Identifier: MIT
# The ways in which Ruby writes a file.
require 'fileutils'
File.write('out/write', 'x'); IO.write('out/old-rb', 'y', mode: 'r+')
File.open('out/open', 'w') { |f| f.puts 1 }
File.open('out/append', 'a') { |f| f.puts 1 }
FileUtils.cp('out/open', 'out/copied'); FileUtils.touch('out/touched')
File.write('tmp', 'x'); FileUtils.mv('tmp', 'out/moved')
File.link('out/open', 'out/linked'); File.symlink('open', 'out/symlinked')
File.truncate('out/old-truncate', 1)
system('echo > out/shell'); `echo > out/ticks`
system({}, 'cp', 'out/open', 'out/no-env', unsetenv_others: true)
spawn('echo', out: 'out/spawned'); Process.wait
fork { File.write('out/forked', 'x') }; Process.wait
Thread.new { File.write('out/thread', 'x') }.join
