#!/usr/bin/env bash
# The test command: checks, services, all suites, and the count at the end. Arguments are passed on to tap (file names, --grep …).
# A suite whose service cannot be had is skipped loudly and counted; under CI a skip is a failure.
set -u -o pipefail
cd "$(dirname "$0")/.."

passed=0
failed=0
check() { # name, command …
  local name=$1
  shift
  if "$@"; then passed=$((passed + 1)); else failed=$((failed + 1)) && echo "not ok: $name"; fi
}

npm run --silent build || { echo "0 passed, 1 failed"; exit 1; }
check 'type check' npm run --silent typecheck
check 'lint and format' npm run --silent lint
check 'architecture' npm run --silent architecture
check 'generated docs are up to date' npm run --silent docs -- --check
check 'samples of all mappings' node dist/core/cli/main.js test

missing=$(bash deploy/services.sh ensure) || true
files=()
skipped=()
for file in test/*.test.ts; do
  # A test file says in its first lines what it needs: // needs: postgresql, rabbitmq
  needs=$(sed -n 's#^// needs: ##p' "$file" | head -1 | tr -d ',')
  absent=$(for need in $needs; do grep -qx "$need" <<<"$missing" && printf '%s ' "$need"; done)
  if [ -n "$absent" ]; then skipped+=("$file ($absent)"); else files+=("$file"); fi
done

npx tap --reporter=tap "${@:-${files[@]}}" | node test/summary.mjs "$passed" "$failed" ${skipped[@]+"${skipped[@]}"}
exit "${PIPESTATUS[1]}"
