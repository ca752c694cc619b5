#!/usr/bin/env bash
# Services for development and tests. A service that answers on its usual port is used as it is. One that does not is taken from
# Debian's packages (as root, where they are not installed yet) and started with data of its own in data/services; nothing of the
# machine's own configuration is changed.
#   services.sh ensure   starts what is missing; prints the name of each service that cannot be had, one per line
#   services.sh stop     stops what this script has started
set -u
cd "$(dirname "$0")/.."
data=$PWD/data/services

say() { echo "services: $*" >&2; }
answers() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }
wait_for() { # port, seconds
  for _ in $(seq "$2"); do answers "$1" && return 0; sleep 1; done
  return 1
}
install() { # command, package
  command -v "$1" >/dev/null || ls $1 >/dev/null 2>&1 && return 0
  [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || return 1
  say "installing $2"
  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$2"; } >&2
}
as() { # user, command …: servers refuse to run as root
  if [ "$(id -u)" = 0 ]; then runuser -u "$1" -- "${@:2}"; else "${@:2}"; fi
}
own() { mkdir -p "$1" && { [ "$(id -u)" != 0 ] || chown -R "$2" "$1"; } && chmod a+x "$PWD" "$PWD/data" "$data" 2>/dev/null; }

postgresql() {
  local port=${QIANZHI_POSTGRESQL_PORT:-5432} folder=$data/postgresql bin
  answers "$port" && return 0
  install '/usr/lib/postgresql/*/bin/initdb' postgresql || return 1
  answers "$port" && return 0
  bin=$(ls -d /usr/lib/postgresql/*/bin | tail -1)
  own "$folder" postgres
  [ -f "$folder/PG_VERSION" ] || as postgres "$bin/initdb" -D "$folder" -U postgres --auth trust -E UTF8 >&2 || return 1
  as postgres "$bin/pg_ctl" -D "$folder" -l "$folder/log" -o "-p $port -k $folder -h 127.0.0.1" -w start >&2
}

mariadb() {
  local port=${QIANZHI_MARIADB_PORT:-3306} folder=$data/mariadb
  answers "$port" && return 0
  install /usr/sbin/mariadbd mariadb-server || return 1
  answers "$port" && return 0
  own "$folder" mysql
  [ -d "$folder/mysql" ] || as mysql mariadb-install-db --no-defaults --datadir="$folder" --auth-root-authentication-method=normal >&2 || return 1
  as mysql /usr/sbin/mariadbd --no-defaults --datadir="$folder" --port="$port" --bind-address=127.0.0.1 --socket="$folder/socket" \
    --pid-file="$folder/pid" --log-error="$folder/log" >&2 &
  wait_for "$port" 60
}

rabbitmq() {
  local port=5672
  answers "$port" && return 0
  install rabbitmq-server rabbitmq-server || return 1
  answers "$port" || rabbitmq-server -detached >&2
  wait_for "$port" 90
}

case ${1:-ensure} in
  ensure)
    for service in postgresql mariadb rabbitmq; do
      "$service" || { say "$service cannot be had here"; echo "$service"; }
    done
    ;;
  stop)
    [ -f "$data/postgresql/postmaster.pid" ] && kill "$(head -1 "$data/postgresql/postmaster.pid")"
    [ -f "$data/mariadb/pid" ] && kill "$(cat "$data/mariadb/pid")"
    exit 0
    ;;
  *)
    say "usage: services.sh ensure|stop"
    exit 2
    ;;
esac
