// SPDX-License-Identifier: MIT
// Go with C in it: the C half goes through libc, the Go half does not.
package main

/*
#include <stdio.h>

static int
put(const char *path)
{
	FILE *f = fopen(path, "w");

	return !f || fputs("c", f) < 0 || fclose(f);
}
*/
import "C"

import (
	"os"
	"os/exec"
)

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func main() {
	if C.put(C.CString("out/c")) != 0 {
		panic("fopen")
	}
	must(os.WriteFile("out/go", []byte("x"), 0o644))
	must(os.WriteFile("tmp", []byte("x"), 0o644))
	must(os.Rename("tmp", "out/renamed"))
	must(exec.Command("cp", "out/c", "out/child").Run())
}
