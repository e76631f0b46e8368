// SPDX-License-Identifier: MIT
// The ways in which Go writes a file: no call of it goes through libc.
package main

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
	must(os.WriteFile("out/write", []byte("x"), 0o644))
	f, err := os.OpenFile("out/old-go", os.O_RDWR, 0)
	must(err)
	_, err = f.WriteString("y")
	must(err)
	must(f.Close())
	must(os.WriteFile("tmp", []byte("x"), 0o644))
	must(os.Rename("tmp", "out/renamed"))
	must(os.Link("out/write", "out/linked"))
	must(os.Symlink("write", "out/symlinked"))
	must(os.Truncate("out/old-truncate", 1))
	must(exec.Command("cp", "out/write", "out/child").Run())
	c := exec.Command("/bin/cp", "out/write", "out/no-env")
	c.Env = []string{}
	must(c.Run())
}
