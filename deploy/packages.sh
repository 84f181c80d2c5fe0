# packages.sh: the Debian packages that building and testing need, and how the missing ones come in.
#
# Sourced by deploy/quickstart and tests/run; no other file lists packages. Debian 12 and Ubuntu 24.04
# have all of them. What is there already is left alone, whoever installed it.
#
# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034 # the lists are used by those who source this file

# redis-server: the private Redis. curl: the line that quickstart prints.
build_packages=(
    gcc g++ libc6-dev make cmake pkg-config
    libh2o-evloop-dev libhiredis-dev libssl-dev zlib1g-dev
    libphonenumber-dev libidn2-dev libutf8proc-dev
    redis-server curl
)

test_packages=(
    libcmocka-dev libjansson-dev
    clang libclang-rt-dev clang-format clang-tidy lua-check shellcheck
    python3-pytest python3-pytest-xdist python3-redis python3-requests python3-hypothesis
    python3-selenium chromium chromium-driver prometheus
)

packages_is_installed() {
    dpkg-query -W -f '${db:Status-Status}\n' "$1" 2>/dev/null | grep -qx installed
}

# packages_install <package>...: installs those that are missing; says what it does. Fails when it cannot.
packages_install() {
    local package missing=() known=() as_root=()
    for package; do
        packages_is_installed "$package" || missing+=("$package")
    done
    if [ ${#missing[@]} -eq 0 ]; then
        echo "==> All packages are installed"
        return 0
    fi
    if ! command -v apt-get >/dev/null; then
        echo "There is no apt-get here. Install what stands for these Debian packages: ${missing[*]}" >&2
        echo "then run this again with --no-install." >&2
        return 1
    fi
    if [ "$(id -u)" -ne 0 ]; then
        as_root=(sudo)
    fi
    echo "==> Installing ${missing[*]}"
    "${as_root[@]}" apt-get update -q || return 1
    for package in "${missing[@]}"; do
        if apt-cache show "$package" >/dev/null 2>&1; then
            known+=("$package")
        else
            echo "apt does not know $package here: going on without it" >&2
        fi
    done
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get install -q -y --no-install-recommends "${known[@]}"
}
