# tables.py: the rows of every .def file are whole and unique, and each table keeps its own order.
#
# SPDX-License-Identifier: MIT
from common import TOP, files, finish, table_rows, unquote

faults = []


def check_any(path, rows):
    """For every table: unique first fields, and as many fields in all rows of a macro."""
    names, widths = {}, {}
    for line, macro, arguments in rows:
        name = arguments[0]
        if not name:
            faults.append(f"{path}:{line}: an empty first field")
        if path.name != "ops.def" and name in names:
            faults.append(f"{path}:{line}: {name} stands in line {names[name]} too")
        names[name] = line
        if name.startswith("."):
            continue  # designated fields may be left out
        if len(arguments) != widths.setdefault(macro, len(arguments)):
            faults.append(f"{path}:{line}: {len(arguments)} fields, other {macro} rows have "
                          f"{widths[macro]}")


def unique(path, rows, field, what):
    seen = {}
    for line, _, arguments in rows:
        value = arguments[field]
        if value in seen and value != "NULL":
            faults.append(f"{path}:{line}: {what} {value} stands in line {seen[value]} too")
        seen[value] = line


def check_errors(path, rows):
    before = 0
    for line, _, (_, code, status, _, sentence) in rows:
        if int(status) < before:
            faults.append(f"{path}:{line}: the rows are in the order of their status")
        before = int(status)
        if not 400 <= before <= 599:
            faults.append(f"{path}:{line}: {status} is no status of an error")
        if not unquote(code).replace("_", "").isalnum() or unquote(code) != unquote(code).lower():
            faults.append(f"{path}:{line}: a code is made of a-z and _")
        if not unquote(sentence) or unquote(sentence).endswith("."):
            faults.append(f"{path}:{line}: a sentence without full stop")
    unique(path, rows, 3, "the word")


def check_options(path, rows):
    for line, macro, arguments in rows:
        if macro == "CONF_GROUP":
            continue
        if arguments[0].replace("_", "-") != unquote(arguments[1]):
            faults.append(f"{path}:{line}: the flag is the member with - for _")
        if macro == "CONF_INT":
            default, least, most = (int(number) for number in arguments[2:5])
            if not least <= default <= most:
                faults.append(f"{path}:{line}: the default is not within its limits")
        if not unquote(arguments[-1]):
            faults.append(f"{path}:{line}: an option that does not say what it is")


def check_keys(path, rows):
    kinds = {"string", "hash", "list", "set", "zset", "stream"}
    earlier = []
    for line, _, (_, prefix, rest, kind, what) in rows:
        prefix = unquote(prefix)
        if not prefix.startswith("crm_") or unquote(kind) not in kinds or not unquote(what):
            faults.append(
                f"{path}:{line}: a key starts with crm_, has a type and says what it holds")
        if (rest == "NULL") == prefix.endswith("_"):
            faults.append(f"{path}:{line}: a prefix ends with _ exactly when something follows")
        for other in earlier:
            if prefix.startswith(other) and prefix != other and other.endswith("_"):
                faults.append(
                    f"{path}:{line}: {prefix} stands before {other}, with which it begins")
        earlier.append(prefix)
    unique(path, rows, 1, "the prefix")


def check_ops(path, rows):
    routes = {}
    for line, _, arguments in rows:
        if len(arguments) < 3:
            faults.append(f"{path}:{line}: a row is OP(name, \"METHOD\", \"/path\", style)")
            continue
        name, method, route = arguments[0], unquote(arguments[1]), unquote(arguments[2])
        if method not in {"GET", "POST", "PUT", "PATCH", "DELETE"}:
            faults.append(f"{path}:{line}: {method} is no method")
        if not route or not route.startswith("/"):
            faults.append(f"{path}:{line}: a path starts with /")
        if (method, route) in routes:
            faults.append(
                f"{path}:{line}: {method} {route} stands in line {routes[method, route]} too")
        routes[method, route] = line
        if not list((TOP / "src/ops").glob("*.c")):
            continue
        if not any(f"op_{name}" in source.read_text() for source in (TOP / "src/ops").glob("*.c")):
            faults.append(f"{path}:{line}: no file of src/ops defines op_{name}")


OWN = {
    "err.def": check_errors,
    "conf.def": check_options,
    "keys.def": check_keys,
    "ops.def": check_ops
}

for path in files(".def"):
    try:
        rows = table_rows(path)
        before = len(faults)
        check_any(path, rows)
        if path.name in OWN and len(faults) == before:
            OWN[path.name](path, rows)
    except ValueError as error:
        faults.append(str(error))
finish(faults)
