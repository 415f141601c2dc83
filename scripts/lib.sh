# What the scripts share.  Sourced, not run; expects to be in the package's root directory.
# shellcheck shell=bash

say() { printf '%s\n' "$*" >&2; }
die() {
    say "$*"
    exit 1
}

# Runs a command as root: directly, or through sudo.
as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        die "This needs root (for: $*), and sudo is not installed. Run it again as root."
    fi
}

# The tests of a Swift Testing run, counted from its output on stdin: "RAN PASSED FAILED SKIPPED".
count_tests() {
    tr -d '\r' | awk '
        / Test run with / || / Test case / { next }
        / Test .* passed after / { passed++ }
        / Test .* failed after / { failed++ }
        / Test [^:]* skipped/ { skipped++ }
        END { print passed + failed + 0, passed + 0, failed + 0, skipped + 0 }'
}

# What a Swift Testing run on stdin recorded as failed, with what each issue says of itself.
list_issues() {
    tr -d '\r' | awk '
        { $0 = substr($0, 1, 1000) }
        / recorded an issue/ { shown = 1; lines = 0; print; next }
        /^[^ -~]* ?↳ / { if (shown && lines++ < 12) print; next }
        /^[^ -~]* / { shown = 0 }
        shown && lines++ < 12'
}
