-- .luacheckrc: for the expanded scripts in build/<preset>/lua; tests/lint/luacheck.py runs it.
std = "lua51"
read_globals = {"KEYS", "ARGV", "redis", "cjson", "cmsgpack", "bit"}
max_line_length = 100
