#!/bin/sh
# Random passwords for compose.yaml, each in a file of its own in deploy/secrets. Nothing that is there is overwritten.
set -eu
umask 077
folder=${1:-$(dirname "$0")/secrets}
mkdir -p "$folder"
one() { head -c 32 /dev/urandom | od -An -v -tx1 | tr -d ' \n'; }
for name in postgres owner app; do
  [ -e "$folder/${name}_password" ] || one >"$folder/${name}_password"
done
url() { printf 'postgresql+psycopg://labrecords_%s:%s@database/labrecords' "$1" "$(cat "$folder/$1_password")"; }
[ -e "$folder/database_url" ] || url app >"$folder/database_url"
[ -e "$folder/owner_database_url" ] || url owner >"$folder/owner_database_url"
# The folder keeps others out. Inside a container the users that read single files are not the one who made them.
chmod 700 "$folder"
chmod 444 "$folder"/*
