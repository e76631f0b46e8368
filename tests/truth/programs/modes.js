// SPDX-License-Identifier: MIT
// Every way in which Node writes a file, one file each below out/.
"use strict";
const fs = require("fs");
const { pipeline } = require("stream/promises");
const { execFileSync, execSync, spawnSync } = require("child_process");
const { Worker, isMainThread } = require("worker_threads");

async function main() {
  fs.writeFileSync("out/sync", "x");
  fs.appendFileSync("out/append", "x");
  fs.closeSync(fs.openSync("out/open", "w+"));
  fs.writeFileSync("out/old-js", "y", { flag: "r+" });
  fs.truncateSync("out/old-truncate", 1);
  await fs.promises.writeFile("out/promise", "x");
  const h = await fs.promises.open("out/handle", "w");
  await h.writeFile("x");
  await h.close();
  await new Promise((done) => fs.writeFile("out/callback", "x", done));
  await pipeline(fs.createReadStream("out/sync"), fs.createWriteStream("out/stream"));
  fs.copyFileSync("out/sync", "out/copied");
  await fs.promises.copyFile("out/sync", "out/copied-later");
  fs.cpSync("src", "out/tree", { recursive: true });
  fs.writeFileSync("tmp", "x");
  fs.renameSync("tmp", "out/renamed");
  fs.linkSync("out/sync", "out/linked");
  fs.symlinkSync("sync", "out/symlinked");
  execSync("echo > out/shell");
  execFileSync("cp", ["out/sync", "out/no-env"], { env: {} });
  spawnSync("echo", [], { stdio: ["ignore", fs.openSync("out/stdio", "w"), "ignore"] });
  await new Promise((done) => new Worker(__filename).on("exit", done));
  await Promise.all([...Array(8).keys()].map((i) => fs.promises.writeFile(`out/many-${i}`, "x")));
}

if (isMainThread) main();
else fs.writeFileSync("out/worker", "x");
