#!/bin/sh
# Writes the goldens anew that follow from files in the repository, then compares them with every instruction set.
#
#   sh Tests/Fixtures/renew.sh
#
# Run it where a pack in models/, a tiny checkpoint or the arithmetic changed on purpose; `git diff` shows what that
# changed, and the commit says why it may.
set -eu
cd "$(dirname "$0")/../.."
tests='GoldenLogits|DefaultModels'
# The scalar definition writes; then every set must agree with it.
QUANTD_RENEW_GOLDENS=repository make test FILTER="$tests"
make test FILTER="$tests"
git status --short Tests/Fixtures
