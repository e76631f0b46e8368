% SPDX-License-Identifier: MIT
% The ways in which Octave writes a file.
x = magic(4);
save("-text", "out/text", "x");
save("-binary", "out/binary", "x");
save("-v7", "out/seven.mat", "x");
save("-hdf5", "out/five.h5", "x");
csvwrite("out/table.csv", x);
dlmwrite("out/delimited", x, ";");
f = fopen("out/fopen", "w");
fprintf(f, "%d\n", x);
fclose(f);
f = fopen("out/old-octave", "a");
fputs(f, "more\n");
fclose(f);
f = fopen("tmp", "w");
fclose(f);
rename("tmp", "out/renamed");
copyfile("out/fopen", "out/copied");
system("echo x >out/system");
diary("out/diary");
diary("off");
