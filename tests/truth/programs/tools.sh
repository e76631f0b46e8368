# SPDX-License-Identifier: MIT
# Forty tools of every day, each of which writes below out/.
has() { command -v "$1" >/dev/null; }
seq 1 50 >out/seq
echo a >>out/old-sh
: >out/empty
cat out/seq >out/cat
cp out/seq out/cp
cp -l out/seq out/cp-l
cp -a src out/cp-a
cp --reflink=auto out/seq out/cp-r
echo >tmp; mv tmp out/mv
mkdir dir; echo >dir/f; mv dir out/mv-dir
ln out/seq out/ln
ln -s seq out/ln-s
ln -sf cat out/ln-s
dd if=out/seq of=out/dd status=none
dd if=out/seq of=out/old-dd conv=notrunc status=none
seq 3 | tee out/tee out/tee2 >/dev/null
install -m 644 out/seq out/install
sort -r out/seq -o out/sort
split -l 10 out/seq out/split-
csplit -s -f out/csplit- out/seq 10 20
sed s/1/2/ out/seq >out/sed
sed -i s/1/2/ out/old-sed
awk '{ print >"out/awk" }' out/seq
awk 'BEGIN { print 1 | "cat >out/awk-pipe" }'
tar cf out/tar out/seq
tar xf out/tar -C src
tar czf out/tgz src
gzip -k out/cp
gzip -c out/seq >out/gzip-c
bzip2 -k out/cp
xz -k out/cp
head -c 9 out/seq >out/head
tr 1 2 <out/seq >out/tr
cut -c1 out/seq >out/cut
uniq out/seq out/uniq
paste out/seq out/tr >out/paste
truncate -s 100 out/truncate
truncate -s 1 out/old-truncate
touch out/touch
shred -n 1 -s 10 out/install
printf '%s\n' x >out/printf
diff -u out/seq out/tr >src/p.diff
patch -s -o out/patched out/seq src/p.diff
find src -name '*.diff' -fprint out/find
xargs -a out/seq -n 25 sh -c 'echo "$@" >out/xargs-$1' x
date >out/date
od out/seq >out/od
iconv -t UTF-16 -o out/iconv out/seq
base64 out/seq >out/base64
sha256sum out/seq >out/sha
(cd out && echo >sub-shell)
env -i /bin/sh -c 'echo >out/env-i'
nohup sh -c 'echo >out/nohup' >/dev/null 2>&1
timeout 9 sh -c 'echo >out/timeout'
setsid sh -c 'echo >out/setsid'
{ echo >out/background; } & wait
exec 5>out/fd; echo >&5; exec 5>&-
cat >out/here <<X
x
X
has zstd && zstd -q out/seq -o out/zstd
has zip && zip -q out/zip.zip out/seq
has unzip && unzip -q out/zip.zip -d out/unzip
has rsync && rsync -a src/ out/rsync
has git && git init -q out/git && echo >out/git/f &&
	git -C out/git add f && git -C out/git -c user.name=x \
	-c user.email=x@localhost commit -q -m x
echo 'int main(void) { return 0; }' >t.c
gcc -c t.c -o out/gcc.o && ar rc out/ar.a out/gcc.o &&
	ld -r out/gcc.o -o out/ld.o && objcopy out/gcc.o out/objcopy.o &&
	strip out/objcopy.o && gcc out/gcc.o -o out/a.exe
has openssl && openssl rand -out out/openssl 9
has sqlite3 && sqlite3 out/sqlite 'create table t (x); insert into t values (1)'
has jq && echo '{}' | jq . >out/jq
has perl && perl -i.orig -pe s/1/2/ out/old-perl
