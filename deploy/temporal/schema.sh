#!/bin/sh
# Brings Temporal's two databases to the schema of this server version. Safe to run again: both steps look first.
set -eu

for pair in temporal:temporal temporal_visibility:visibility; do
  export SQL_DATABASE="${pair%%:*}"
  temporal-sql-tool setup-schema --version 0.0
  temporal-sql-tool update-schema --schema-name "postgresql/v12/${pair##*:}"
done
