#!/bin/sh
# Makes the secrets that docker-compose.yml hands to its containers, once: those that are there stay.
# The folder is for you alone; the files in it are read by containers, under other accounts.
set -eu
cd "$(dirname "$0")"
mkdir -p secrets
chmod 700 secrets
umask 022

random() { od -An -N"$1" -tx1 /dev/urandom | tr -d ' \n'; }
keep() { [ -e "secrets/$1" ] || printf '%s\n' "$2" >"secrets/$1"; }

uuid() { random 16 | sed -E 's/(.{8})(.{4})(.{4})(.{4})(.{12})/\1-\2-\3-\4-\5/'; }

keep secret_key "$(random 32)"
keep management_token "$(uuid)"
keep postgres_password "$(random 24)"
keep redis_password "$(random 24)"
keep database_url "postgresql://tulle:$(cat secrets/postgres_password)@postgres:5432/tulle"
keep redis_url "redis://:$(cat secrets/redis_password)@redis:6379/0"
echo "secrets are in $PWD/secrets; the token that may do everything is in management_token there"
