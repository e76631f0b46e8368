-- SPDX-License-Identifier: MIT
-- The ways in which Lua writes a file.
for _, mode in ipairs { "w", "a", "w+", "wb" } do
  local f = assert(io.open("out/open-" .. mode, mode)); f:write("x"); f:close()
end
local f = assert(io.open("out/old-lua", "r+")); f:write("y"); f:close()
io.output("out/output"); io.write("x"); io.close()
f = assert(io.open("tmp", "w")); f:close(); assert(os.rename("tmp", "out/renamed"))
os.execute("echo > out/shell")
f = io.popen("cat > out/popen", "w"); f:write("x"); f:close()
