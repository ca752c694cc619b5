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

# An S3 service: OpenStack Swift with one replica on one disk, and its S3 interface.
s3_server() { # kind, port, pipeline
  cat <<CONF
[DEFAULT]
bind_ip = 127.0.0.1
bind_port = $2
workers = 1
user = $(id -un)
swift_dir = $folder
devices = $folder
mount_check = false
log_address = /dev/null
[pipeline:main]
pipeline = $3
[app:$1-server]
use = egg:swift#$1
CONF
}
s3() {
  local port=${QIANZHI_S3_PORT:-8333} folder kind next memcached
  folder=$data/s3-$port
  answers "$port" && return 0
  for kind in proxy account container object; do install "swift-$kind-server" "swift-$kind" || return 1; done
  install memcached memcached || return 1
  answers "$port" && return 0
  mkdir -p "$folder/disk"
  memcached=$((port + 4))
  {
    s3_server proxy "$port" 'cache s3api tempauth slo proxy-server'
    echo 'account_autocreate = true
[filter:cache]
use = egg:swift#memcache
memcache_servers = 127.0.0.1:'"$memcached"'
[filter:s3api]
use = egg:swift#s3api
s3_acl = false
[filter:tempauth]
use = egg:swift#tempauth
user_qianzhi_test = test-secret .admin
[filter:slo]
use = egg:swift#slo'
  } >"$folder/proxy.conf"
  next=$port
  for kind in account container object; do
    next=$((next + 1))
    s3_server "$kind" "$next" "$kind-server" >"$folder/$kind.conf"
    [ -f "$folder/$kind.ring.gz" ] || {
      swift-ring-builder "$folder/$kind.builder" create 4 1 1
      swift-ring-builder "$folder/$kind.builder" add "r1z1-127.0.0.1:$next/disk" 1
      swift-ring-builder "$folder/$kind.builder" rebalance
    } >"$folder/rings.log" 2>&1
  done
  answers "$memcached" || memcached -l 127.0.0.1 -p "$memcached" -u "$(id -un)" -d -P "$folder/memcached.pid" >&2
  next=$port
  for kind in account container object; do
    next=$((next + 1))
    start_s3 "$kind" "$next" || return 1
  done
  start_s3 proxy "$port"
}
start_s3() { # kind, port
  answers "$2" && return 0
  setsid "swift-$1-server" "$folder/$1.conf" >"$folder/$1.log" 2>&1 </dev/null &
  echo $! >"$folder/$1.pid"
  wait_for "$2" 30
}
# Ends the process that a pid file names, if it is still one of ours.
end() { # pid file
  local pid
  [ -f "$1" ] || return 0
  pid=$(head -1 "$1")
  grep -qaF "$data" "/proc/$pid/cmdline" 2>/dev/null && kill "$pid"
  rm -f "$1"
}

# Ends what this script started in a checkout that is no more: it would answer on its port and keep nothing.
end_abandoned() {
  local file pid folder
  for file in $(grep -laE '/data/services/(s3-|mariadb|postgresql)' /proc/[0-9]*/cmdline 2>/dev/null); do
    pid=${file#/proc/}
    pid=${pid%/cmdline}
    grep -qE '^(postgres|mariadbd|swift-.*)$' "/proc/$pid/comm" 2>/dev/null || continue
    folder=$({ tr '\0' '\n' <"$file"; } 2>/dev/null | grep -oE '/[^=]*/data/services/[^/]+' | head -1)
    # As that process sees it: the folder of one in a container is not here, and is there.
    [ -n "$folder" ] && [ ! -d "/proc/$pid/root$folder" ] || continue
    # PostgreSQL would wait for its clients at a TERM.
    if [ "$(cat "/proc/$pid/comm")" = postgres ]; then kill -INT "$pid"; else kill "$pid"; fi 2>/dev/null || continue
    say "ended $pid: its data in $folder is gone"
    for _ in $(seq 50); do kill -0 "$pid" 2>/dev/null && sleep 0.2 || break; done
  done
}

case ${1:-ensure} in
  ensure)
    end_abandoned
    for service in postgresql mariadb rabbitmq s3; do
      "$service" || { say "$service cannot be had here"; echo "$service"; }
    done
    ;;
  stop)
    [ -f "$data/postgresql/postmaster.pid" ] && kill "$(head -1 "$data/postgresql/postmaster.pid")"
    [ -f "$data/mariadb/pid" ] && kill "$(cat "$data/mariadb/pid")"
    for file in "$data"/s3-*/*.pid; do end "$file"; done
    exit 0
    ;;
  *)
    say "usage: services.sh ensure|stop"
    exit 2
    ;;
esac
