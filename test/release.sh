#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Tests of script/release, in a repository of its own that has the files of this checkout. The last
# line says how many tests passed; the first test that fails ends it with exit status 1.
set -euo pipefail
cd "$(dirname "$0")/.."

clone=$(mktemp -d -t e2e_policy_release.XXXXXX)
trap 'rm -rf "$clone"' EXIT
git ls-files -z --cached --others --exclude-standard |
    xargs -0 --no-run-if-empty cp --parents --no-dereference -t "$clone"
cd "$clone"
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null
export GIT_AUTHOR_NAME=test GIT_AUTHOR_EMAIL=test@localhost
export GIT_COMMITTER_NAME=test GIT_COMMITTER_EMAIL=test@localhost
git init --quiet
git add --all

passed=0
current=$(script/print-version)

# The repository with another CHANGELOG, committed.
changelog() {
    printf '%s\n' "# Changes" "" "$@" >CHANGELOG.md
    git add --all
    git commit --quiet --allow-empty --message "A CHANGELOG for the test"
}

fail() {
    echo "test/release.sh: $test: $*" >&2
    exit 1
}

passes() { passed=$((passed + 1)); echo "ok $test"; }

# Runs script/release, which has to refuse, with words that match a pattern.
is_refused() {
    local pattern=$1 output
    shift
    if output=$(script/release "$@" 2>&1); then fail "was not refused: $output"; fi
    grep -q "$pattern" <<<"$output" || fail "found $output, expected $pattern"
    passes
}

changelog "## Unreleased" "" "- It is better." "" "## 0.0.1 (2026-01-01)" "" "- It is there."

test="a version is three numbers"
is_refused "found version \`1.0\`, expected three numbers" --dry-run 1.0

test="a version that was released is refused"
is_refused "expected one newer than 0.0.1" --dry-run 0.0.1

test="a version older than that of the sources is refused"
is_refused "expected $current, which the sources have" --dry-run 0.0.2

test="changes that are not committed are refused"
echo "- It is different." >>CHANGELOG.md
is_refused "changes that are not committed" --dry-run 99.0.0
git restore CHANGELOG.md

test="a file that is not committed is refused"
touch new_file
is_refused "changes that are not committed" --dry-run 99.0.0
rm new_file

test="a tag that is there is refused"
git tag v99.0.0
is_refused "there is a tag v99.0.0 already" --dry-run 99.0.0
git tag --delete v99.0.0 >/dev/null

test="a dry run shows all and changes nothing"
before=$(git rev-parse HEAD)
output=$(script/release --dry-run 99.0.0)
for line in '+version = "99.0.0"' "+## 99.0.0 ($(date -u +%F))" "== script/test" \
    "== git commit --quiet --all --message Release 99.0.0" "== script/release --packages"; do
    grep -qxF -- "$line" <<<"$output" || fail "found $output, expected the line $line"
done
[ "$(grep -cxF -- '+version = "99.0.0"' <<<"$output")" = 6 ] ||
    fail "found $output, expected the version of Cargo.toml and of five entries in lock files"
[ -z "$(git status --porcelain)" ] || fail "files have changed"
[ "$(git rev-parse HEAD)" = "$before" ] || fail "there is a new commit"
[ -z "$(git tag)" ] || fail "there is a new tag"
passes

test="the first release may have the version of the sources"
script/release --dry-run "$current" >/dev/null || fail "was refused"
passes

# To make packages takes minutes, and script/matrix does it.
test="packages have their sums beside them, and nothing else"
cat >script/package <<'END'
#!/bin/sh
mkdir -p "$3/content" "$3/mod_e2e_policy"
case "$1 $4" in
    "deb --arch") for suite in $6 $7; do echo "$suite" >"$3/$suite-$5.deb"; done ;;
    deb*) for suite in $4 $5; do echo "$suite" >"$3/$suite.deb"; done ;;
    contrib*) echo sources >"$3/sources.tar.gz" ;;
esac
END
script/release --packages bookworm trixie >/dev/null
files=$(cd "_build/release/$current" && echo *)
expected="SHA256SUMS bookworm-arm64.deb bookworm.deb sources.tar.gz trixie-arm64.deb trixie.deb"
[ "$files" = "$expected" ] || fail "found $files"
sums=$(cd "_build/release/$current" && sha256sum --check SHA256SUMS) || fail "found $sums"
[ "$(wc -l <<<"$sums")" = 5 ] || fail "found $sums, expected five files"
git restore script/package
passes

test="nothing new is refused"
changelog "## Unreleased" "" "## 0.0.1 (2026-01-01)" "" "- It is there."
is_refused "no change under the heading Unreleased" --dry-run 99.0.0
changelog "## 0.0.1 (2026-01-01)" "" "- It is there."
is_refused "no change under the heading Unreleased" --dry-run 99.0.0

echo "release: $passed tests passed"
