// SPDX-License-Identifier: MIT
// The ways in which C++ writes a file.
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

namespace fs = std::filesystem;

int main()
{
	std::ofstream("out/stream") << 1;
	std::fstream("out/old-cc", std::ios::in | std::ios::out) << 2;
	std::ofstream("out/append", std::ios::app) << 3;
	fs::copy_file("out/stream", "out/copied");
	fs::create_directories("dir/deep");
	std::ofstream("dir/deep/f") << 4;
	fs::copy("dir", "out/tree", fs::copy_options::recursive);
	fs::rename("dir", "out/renamed-dir");
	fs::create_hard_link("out/stream", "out/linked");
	fs::create_symlink("stream", "out/symlinked");
	fs::resize_file("out/old-truncate", 1);
	std::thread([] { std::ofstream("out/thread") << 5; }).join();
	FILE *f = std::fopen("out/stdio", "w+x");
	std::fputs("x", f);
	if (!std::freopen("out/reopened", "w", f))
		return 1;
	return std::system("echo > out/shell");
}
