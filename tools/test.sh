#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The checks and tests, step by step; stops at the first that fails. `tools/test.sh help` lists them.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

steps=(headers includes format unit cases docs web install tidy threads sanitize fuzz processes)
declare -A about=(
  [headers]="every source file opens with its licence line"
  [includes]="includes point one way"
  [format]="clang-format has nothing to change"
  [unit]="preset release with tests: build, then ctest"
  [cases]="every template and every case: check, run, verify"
  [docs]="what the documents show is what the command says"
  [web]="the report's page is what its sources give, and works in Chromium (where npm and Chromium are)"
  [install]="install to build/prefix, build and run examples/consumer against it"
  [tidy]="clang-tidy on src/ and apps/"
  [sanitize]="preset asan (clang): build, then ctest; line coverage of src/"
  [threads]="preset tsan: tests of draws in threads have no data races"
  [processes]="release with MPI: draws shared by several processes"
  [fuzz]="preset asan: build, each fuzz target for FUZZ_SECONDS (20)"
)
jobs=${CMAKE_BUILD_PARALLEL_LEVEL:-$(nproc)}
export CMAKE_BUILD_PARALLEL_LEVEL=$jobs
if command -v ccache >/dev/null; then
  export CMAKE_CXX_COMPILER_LAUNCHER=${CMAKE_CXX_COMPILER_LAUNCHER:-ccache}
fi

cxx_files() { git ls-files -- "$@" | grep -E '\.(cpp|hpp|hpp\.in)$' || true; }

build() {  # preset, options of CMake…
  [[ -f build/$1/build.ninja && $# == 1 ]] || cmake --preset "$@"
  cmake --build --preset "$1"
}

step_headers() { tools/check_headers.sh; }
step_includes() { python3 tools/check_includes.py; }
step_format() { cxx_files src apps include tests bench examples | xargs -r clang-format-14 --dry-run -Werror; }

# The very library that users get, hence without contracts; those are checked by `sanitize`.
step_unit() {
  build release -DLODE_DEVELOPER=ON
  ctest --preset release -j "$jobs" --no-tests=error
}

# The command as a user has it: each template made afresh and each case of the repository.
step_cases() {
  local lode=$PWD/build/release/lode work=$PWD/build/test/cases name count=0
  rm -rf "$work"
  mkdir -p "$work"
  for name in templates/*/model.yaml; do
    name=$(basename "$(dirname "$name")")
    echo "template $name"
    "$lode" new "$work/$name" --template "$name"
    check_run_verify "$lode" "$work/$name" "$work/$name.results"
    count=$((count + 1))
  done
  for name in cases/*/model.yaml cases/*/*/model.yaml; do  # a folder may hold several cases
    name=${name#cases/}
    name=${name%/model.yaml}
    echo "case $name"
    check_run_verify "$lode" "cases/$name" "$work/$name.results"
    count=$((count + 1))
  done
  check_run_verify "$lode" examples/indicators "$work/indicators.results"
  check_run_verify "$lode" examples/policy "$work/policy.results"
  echo "$count templates and cases checked, run and verified, and the examples by hand"
}

check_run_verify() {  # lode, case, results
  "$1" check "$2"
  "$1" run "$2" -o "$3"
  "$1" verify "$2"
}

step_docs() { python3 tools/check_docs.py README.md README.zh.md docs/first-case.md docs/stocks.md docs/migrating.md docs/scenarios.md docs/composition.md docs/import.md docs/policy.md; }

# Nothing is installed beyond the locked npm packages (14 s): a machine without npm or Chromium has what was tested
# where they are, for the page is committed.
step_web() {
  local chromium=${CHROMIUM:-$(command -v chromium || true)} work=$PWD/build/test/web name
  if ! command -v npm >/dev/null; then
    echo "no npm here: the committed page was neither built again nor tried"
    return 0
  fi
  (cd web/report && npm ci --no-audit --no-fund --ignore-scripts && npm run build)
  git diff --exit-code --stat -- web/report/dist ||
    { echo "web/report/dist is not what its sources give: commit it as it was just built"; return 1; }
  if [[ -z "$chromium" ]]; then
    echo "no Chromium here: the page was built again and is the same, but not tried"
    return 0
  fi
  build release
  rm -rf "$work"
  for name in neodymium-china indium-china; do
    build/release/lode run "cases/$name" --csv -o "$work/results/$name" >/dev/null
    build/release/lode report "cases/$name" --json -o "$work/$name"
    CHROMIUM=$chromium node tests/web/report_test.mjs "$work/$name/$name.html" "$work/$name/$name.json" "$work/results/$name/csv"
  done
  name=neodymium-china
  build/release/lode report "cases/$name" --json --draws 256 -o "$work/draws"
  CHROMIUM=$chromium node tests/web/report_test.mjs "$work/draws/$name.html" "$work/draws/$name.json" "$work/results/$name/csv"
}

step_install() {
  build release
  rm -rf build/prefix build/consumer
  cmake --install build/release --prefix build/prefix
  cmake -S examples/consumer -B build/consumer -G Ninja -DCMAKE_BUILD_TYPE=Release \
    -DCMAKE_PREFIX_PATH="$PWD/build/prefix"
  cmake --build build/consumer
  ctest --test-dir build/consumer --output-on-failure --no-tests=error
}

step_tidy() {
  [[ -f build/release/compile_commands.json ]] || cmake --preset release
  python3 tools/tidy.py
}

step_sanitize() {
  local profiles=build/asan/profiles
  build asan
  rm -rf $profiles
  LLVM_PROFILE_FILE=$PWD/$profiles/%4m.profraw ctest --preset asan -j "$jobs" --no-tests=error
  llvm-profdata-14 merge --sparse -o build/asan/coverage.profdata $profiles/*.profraw
  local objects=() program
  for program in build/asan/tests/test_*; do
    [[ -x $program && -f $program ]] && objects+=(--object "$program")
  done
  llvm-cov-14 export --summary-only --instr-profile build/asan/coverage.profdata build/asan/lode "${objects[@]}" \
    >build/asan/coverage.json
  python3 - "$PWD/src/" <<'PY'
import json, os, sys
files = json.load(open("build/asan/coverage.json"))["data"][0]["files"]
lines = [each["summary"]["lines"] for each in files if os.path.normpath(each["filename"]).startswith(sys.argv[1])]
count, covered = (sum(each[key] for each in lines) for key in ("count", "covered"))
print(f"line coverage of src/: {100 * covered / count:.1f} % ({covered} of {count} lines)")
PY
}

# What is at work in threads is built with the sanitizer, the rest comes from the release. oneTBB is not
# instrumented: on one processor its loops run in the calling thread, and the threads of draws, which are Lode's
# own, take turns. Each process has its part of the tests; one of the designs of draws stands for all.
step_threads() {
  build release
  cmake --preset tsan
  cmake --build --preset tsan
  local fixed=(setarch -R) processors  # some kernels place memory where GCC 12's sanitizer cannot have it
  "${fixed[@]}" true 2>/dev/null || fixed=()
  read -ra processors < <(python3 -c 'import os; print(*sorted(os.sched_getaffinity(0)))')
  export TSAN_OPTIONS="suppressions=$PWD/tools/threads.supp" GTEST_TOTAL_SHARDS=${#processors[@]}
  local part running=() failed=0
  for part in "${!processors[@]}"; do
    GTEST_SHARD_INDEX=$part taskset -c "${processors[part]}" "${fixed[@]}" build/tsan/tests/threads/test_threads \
      --gtest_brief=1 --gtest_filter='-*/latin:*/random' &
    running+=($!)
  done
  for part in "${running[@]}"; do wait "$part" || failed=1; done
  return $failed
}

step_processes() {
  build release -DLODE_MPI=ON  # little of the library depends on it
  LODE_BINARY=$PWD/build/release/lode python3 tests/cli/processes_test.py
  build release -DLODE_MPI=OFF
}

step_fuzz() {
  build asan
  export -f fuzz
  find build/asan/tests/fuzz -maxdepth 1 -name '*_fuzz' -type f -perm -u+x | sort >build/test/fuzz_targets
  [[ -s build/test/fuzz_targets ]] || { echo "no fuzz target was built"; return 1; }
  xargs -n 1 -P "$jobs" bash -c 'fuzz "$1"' fuzz <build/test/fuzz_targets
}

fuzz() {  # target
  local name seeds=()
  name=$(basename "$1" _fuzz)
  mkdir -p "build/test/found/$name"
  [[ -d tests/fuzz/corpus/$name ]] && seeds=("tests/fuzz/corpus/$name")
  LLVM_PROFILE_FILE=/dev/null "$1" -max_total_time="${FUZZ_SECONDS:-20}" -timeout=10 -rss_limit_mb=2048 \
    -print_final_stats=1 -artifact_prefix="build/test/" "build/test/found/$name" "${seeds[@]}" 2>"build/test/$name.fuzz" ||
    { tail -n 40 "build/test/$name.fuzz"; return 255; }
  echo "$name: $(grep -o 'number_of_executed_units: .*' "build/test/$name.fuzz")"
}

usage() {
  echo "usage: tools/test.sh all | quick | STEP…"
  echo "all steps, in order; quick is headers, includes, format and unit:"
  local step
  for step in "${steps[@]}"; do printf '  %-9s %s\n' "$step" "${about[$step]}"; done
}

case "${1:-help}" in
  all) chosen=("${steps[@]}") ;;
  quick) chosen=(headers includes format unit) ;;
  help | --help | -h) usage; exit 0 ;;
  *) chosen=("$@") ;;
esac
for step in "${chosen[@]}"; do
  [[ -n "${about[$step]:-}" ]] || { echo "test.sh: there is no step \`$step\`" >&2; usage >&2; exit 2; }
done

mkdir -p build/test
began=$SECONDS
for step in "${chosen[@]}"; do
  start=$SECONDS
  log=build/test/$step.log
  printf '== %-9s %s\n' "$step" "${about[$step]}"
  # Not in the condition of an `if`: there bash would go on after a failing command of the step.
  set +e
  if [[ -n "${VERBOSE:-}" ]]; then
    (set -e; "step_$step") 2>&1 | tee "$log"
  else
    (set -e; "step_$step") >"$log" 2>&1
  fi
  status=$?
  set -e
  if ((status)); then
    [[ -n "${VERBOSE:-}" ]] || tail -n 60 "$log"
    printf 'FAILED: %s after %d s (exit status %d); the whole log is in %s\n' \
      "$step" $((SECONDS - start)) "$status" "$log"
    exit 1
  fi
  case "$step" in
    unit | sanitize) grep -E '^[0-9]+% tests passed|^line coverage' "$log" | sed 's/^/   /' ;;
    web) grep -E '^# (pass|fail)|^no (npm|Chromium)' "$log" | sed 's/^/   /' || true ;;
    cases) tail -n 1 "$log" | sed 's/^/   /' ;;
  esac
  printf '   passed in %d s\n' $((SECONDS - start))
done
printf 'All %d steps passed in %d s.\n' "${#chosen[@]}" $((SECONDS - began))
