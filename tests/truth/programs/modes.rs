// SPDX-License-Identifier: MIT
// The ways in which Rust's standard library writes a file.
use std::fs;
use std::io::Write;
use std::process::Command;

fn main() -> std::io::Result<()> {
    fs::write("out/write", "x")?;
    fs::File::create("out/create")?.write_all(b"x")?;
    fs::OpenOptions::new().append(true).create(true).open("out/append")?;
    let mut f = fs::OpenOptions::new().write(true).open("out/old-rust")?;
    f.write_all(b"y")?;
    fs::copy("out/write", "out/copied")?;
    fs::write("tmp", "x")?;
    fs::rename("tmp", "out/renamed")?;
    fs::hard_link("out/write", "out/linked")?;
    std::os::unix::fs::symlink("write", "out/symlinked")?;
    Command::new("cp").args(["out/write", "out/child"]).status()?;
    let mut c = Command::new("/bin/cp");
    c.env_clear().args(["out/write", "out/no-env"]).status()?;
    std::thread::spawn(|| fs::write("out/thread", "x")).join().unwrap()
}
