#!/bin/sh
# Chromium for the page's tests, where it is missing and Debian's package manager may be used; elsewhere the
# tests say what they miss and are skipped (on CI they fail).
set -eu
for name in chromium chromium-browser google-chrome; do
    command -v "$name" >/dev/null && exit 0
done
command -v apt-get >/dev/null || { echo "no Chromium and no apt-get: the page's tests need Chromium"; exit 0; }
as_root=""
if [ "$(id -u)" -ne 0 ]; then
    as_root="sudo -n"
    $as_root true 2>/dev/null || { echo "the page's tests need Chromium: sudo apt-get install chromium"; exit 0; }
fi
export DEBIAN_FRONTEND=noninteractive
$as_root apt-get -qq update
$as_root apt-get -qq install --no-install-recommends chromium >/dev/null
