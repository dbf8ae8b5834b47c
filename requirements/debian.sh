#!/bin/sh
# What the tests need besides Python, where it is missing and Debian's package manager may be used: Chromium
# for the page, flite and espeak-ng as made-up users. Elsewhere tests say what they miss and are skipped (those
# of the page fail on CI).
set -eu
missing=""
command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null \
    || missing="chromium"
for program in flite espeak-ng; do
    command -v "$program" >/dev/null || missing="$missing $program"
done
[ -n "$missing" ] || exit 0
command -v apt-get >/dev/null || { echo "the tests also need: $missing"; exit 0; }
as_root=""
if [ "$(id -u)" -ne 0 ]; then
    as_root="sudo -n"
    $as_root true 2>/dev/null || { echo "the tests also need: sudo apt-get install $missing"; exit 0; }
fi
export DEBIAN_FRONTEND=noninteractive
$as_root apt-get -qq update
# shellcheck disable=SC2086
$as_root apt-get -qq install --no-install-recommends $missing >/dev/null
