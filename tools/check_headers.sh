#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Every source file says its licence in its first three lines.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

missing=0
while IFS= read -r -d '' file; do
  [[ -f $file ]] || continue
  if ! head -n 3 "$file" | grep -q 'SPDX-License-Identifier: Apache-2.0'; then
    echo "$file: the line 'SPDX-License-Identifier: Apache-2.0' is missing"
    missing=1
  fi
done < <(git ls-files -z -- '*.cpp' '*.hpp' '*.in' '*.cmake' '*CMakeLists.txt' '*.py' '*.sh' setup .ci/run)
exit "$missing"
