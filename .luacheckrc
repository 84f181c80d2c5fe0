-- .luacheckrc: for the expanded scripts in build/<preset>/lua; tests/lint/luacheck.py runs it.
std = "lua51"
read_globals = {"KEYS", "ARGV", "redis", "cjson", "cmsgpack", "bit"}
max_line_length = 100
-- Shadowed upvalues: an included file names its own parameters (T, t, at), wherever it is included.
ignore = {"431"}
