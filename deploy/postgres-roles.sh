#!/bin/sh
# Two roles and the database. The owner migrates, and proves backups in a database of its own; the application reads, and inserts what migrations grant: nothing else.
# Run once by a superuser: in the container of compose.yaml by itself, elsewhere as: sudo -u postgres sh postgres-roles.sh
# Passwords are read from files and stand in no command line.
set -eu
secrets=${LABRECORDS_SECRETS:-/run/secrets}
database=${LABRECORDS_DATABASE:-labrecords}
psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --set "database=$database" --set "secrets=$secrets" \
  --username "${POSTGRES_USER:-postgres}" --dbname postgres <<'SQL'
\setenv SECRETS :secrets
\set owner_password `cat "$SECRETS/owner_password"`
\set app_password `cat "$SECRETS/app_password"`
SELECT format('CREATE ROLE %I LOGIN', name) FROM unnest(ARRAY['labrecords_owner', 'labrecords_app']) AS name
  WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) \gexec
SET password_encryption = 'scram-sha-256';
ALTER ROLE labrecords_owner CREATEDB PASSWORD :'owner_password';
ALTER ROLE labrecords_app PASSWORD :'app_password';
CREATE DATABASE :"database" OWNER labrecords_owner TEMPLATE template0 ENCODING 'UTF8';
REVOKE ALL ON DATABASE :"database" FROM PUBLIC;
GRANT CONNECT ON DATABASE :"database" TO labrecords_app;
\connect :"database"
ALTER SCHEMA public OWNER TO labrecords_owner;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO labrecords_app;
SQL
