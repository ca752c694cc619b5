#!/usr/bin/env bash
# Shows that the project passes on the newest LTS line of Node.js, too: takes that Node from the npm registry (with the headers that
# native packages compile against), clones the committed state, and runs the gate there with it.
#   newest-lts.sh [major]   the newest even major by default
set -eu
cd "$(dirname "$0")/.."
project=$PWD

case $(uname -m) in x86_64) arch=x64 ;; aarch64) arch=arm64 ;; *) echo "no Node package for $(uname -m)" >&2; exit 2 ;; esac
package=node-linux-$arch
version=$(npm view "$package" versions --json | node -e '
  const versions = JSON.parse(require("fs").readFileSync(0, "utf8")).filter((v) => /^\d+\.\d+\.\d+$/.test(v))
  const wanted = process.argv[1] ? Number(process.argv[1]) : Math.max(...versions.map((v) => Number(v.split(".")[0])).filter((m) => m % 2 === 0))
  console.log(versions.filter((v) => Number(v.split(".")[0]) === wanted).sort((a, b) => a.localeCompare(b, "en", { numeric: true })).at(-1) ?? "")
' "${1:-}")
[ -n "$version" ] || { echo "no such line of Node" >&2; exit 2; }

box=$(mktemp -d)
trap 'rm -rf "$box"' EXIT
(cd "$box" && npm pack --silent "$package@$version" >/dev/null && tar xzf "$package-$version.tgz")
git clone -q "$project" "$box/project"
cd "$box/project"
export PATH="$box/package/bin:$PATH" npm_config_nodedir="$box/package"
node -e 'console.log(`Node ${process.version}, ABI ${process.versions.modules}`)'
bash .ci/run
