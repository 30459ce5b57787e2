#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The program's main job on this machine, from bare checkout to bundle: packages, release build, then into
# quickstart-out/ a snapshot, a recipe, a validation report and a bundle. Ends in a summary. Succeeds on any machine:
# what it lacks (GPU, systemd, Kubernetes) is told, not failed on.
set -euo pipefail
cd "$(dirname "$0")/.."

# What the recipe is for where the snapshot does not tell: a snapshot never knows the intent.
default_intent=training
default_criteria=(--service eks --accelerator h100 --intent "$default_intent" --os ubuntu)

cnsctl=build/cnsctl
out=quickstart-out

step() {
    printf '\n== %s\n' "$*"
}

# rows FILE KEY FIELD...: the items of a list of maps at the top of one of our documents, a line each, fields tab-separated.
# Our documents have a fixed layout, so that a shell can read this much of them.
rows() {
    local file=$1 key=$2
    shift 2
    awk -v key="$key" -v fields="$*" '
        function flush(  i, line) {
            if (has_item) {
                for (i = 1; i <= count; i++) line = line (i > 1 ? "\t" : "") value[names[i]]
                print line
            }
            split("", value)
            has_item = 0
        }
        BEGIN { count = split(fields, names, " ") }
        /^[^ ]/ { flush(); inside = ($0 == key ":"); next }
        !inside { next }
        /^  - / { flush(); has_item = 1 }
        /^    [^ ]|^  - / {
            line = substr($0, 5)
            at = index(line, ": ")
            if (at) {
                text = substr(line, at + 2)
                if (text ~ /^".*"$/) { text = substr(text, 2, length(text) - 2); gsub(/\\"/, "\"", text) }
                value[substr(line, 1, at - 1)] = text
            }
        }
        END { flush() }' "$file"
}

# field FILE MAP FIELD: one scalar of a map at the top of one of our documents.
field() {
    awk -v map="$2" -v name="$3" '
        /^[^ ]/ { inside = ($0 == map ":"); next }
        inside && index($0, "  " name ": ") == 1 { print substr($0, length(name) + 5); exit }' "$1"
}

criteria() { # the criteria of the recipe that are not "any": service=eks accelerator=h100 ...
    local name text line=
    for name in service accelerator intent os platform; do
        text=$(field "$out/recipe.yaml" criteria "$name")
        [ -z "$text" ] || [ "$text" = any ] || line+="$name=$text "
    done
    echo "${line% }"
}

shorten() { # each line to what a terminal shows
    awk -v width="$1" '{ print (length($0) > width ? substr($0, 1, width - 3) "..." : $0) }'
}

make_recipe() {
    local code=0
    $cnsctl recipe --snapshot "$out/snapshot.yaml" --intent $default_intent --strict --output "$out/recipe.yaml" \
        2>"$out/recipe.log" || code=$?
    case $code in
    0)
        cat "$out/recipe.log"
        recipe_origin="from the snapshot; intent by default"
        ;;
    3) # nothing but the base matches
        echo "The snapshot does not tell what this machine is for; taking the default: ${default_criteria[*]}"
        $cnsctl recipe "${default_criteria[@]}" --output "$out/recipe.yaml"
        recipe_origin="the default, since the snapshot does not tell"
        ;;
    *)
        cat "$out/recipe.log" >&2
        exit "$code"
        ;;
    esac
    rm -f "$out/recipe.log"
}

validate() {
    local code=0
    $cnsctl validate --recipe "$out/recipe.yaml" --snapshot "$out/snapshot.yaml" --format yaml \
        --output "$out/validation.yaml" || code=$?
    case $code in
    0) ;;
    8) echo "exit status 8: this machine does not meet the recipe (any machine but the one that it is for)" ;;
    *) exit "$code" ;;
    esac
}

summarize_snapshot() {
    local collected absent
    collected=$(rows "$out/snapshot.yaml" collectors name status | awk -F'\t' '$2 == "collected"' | wc -l)
    echo "Snapshot    $(grep -c '^          [^ ]' "$out/snapshot.yaml") readings by $collected collectors; not collected:"
    absent=$(rows "$out/snapshot.yaml" collectors name status reason |
        awk -F'\t' '$2 != "collected" { printf "  %s\t%s\n", $1 ($2 == "absent" ? "" : " (" $2 ")"), $3 }')
    # Those with the same reason share a line.
    awk -F'\t' '{ sub(/^ +/, "", $1); if (!($2 in names)) order[++count] = $2; names[$2] = names[$2] (names[$2] ? ", " : "") $1 }
        END { for (i = 1; i <= count && i <= 5; i++) print "  " names[order[i]] ": " order[i]
              if (count > 5) print "  and " count - 5 " more" }' <<<"$absent" | shorten 110
}

summarize_validation() {
    local report=$out/validation.yaml
    echo "Validation  $(field "$report" summary passed) passed, $(field "$report" summary failed) failed," \
        "$(field "$report" summary notChecked) not checked:"
    rows "$report" results status name expected actual message |
        awk -F'\t' '$1 == "failed" { printf "  failed       %s: expected %s, found %s\n", $2, $3, $4 }' | head -n 3 | shorten 110
    rows "$report" results status name message |
        awk -F'\t' '$1 == "notChecked" { printf "  not checked  %s: %s\n", $2, $3 }' | head -n 2 | shorten 110
}

tools/install-deps.sh build
step "Building"
tools/build.sh release
echo "build/cnsctl is built"

mkdir -p "$out"
rm -rf "$out/snapshot.yaml" "$out/recipe.yaml" "$out/validation.yaml" "$out/bundle"
step "Snapshot: what this machine is"
$cnsctl snapshot --output "$out/snapshot.yaml"
step "Recipe: what is known to work"
make_recipe
step "Validation: whether this machine is ready for it"
validate
step "Bundle: the files that deploy it"
$cnsctl bundle --recipe "$out/recipe.yaml" --output "$out/bundle"

step "Summary"
summarize_snapshot
echo "Recipe      $(criteria)"
echo "            ($recipe_origin); $(rows "$out/recipe.yaml" componentRefs name | wc -l) components"
summarize_validation
echo "Files       $out/: snapshot.yaml, recipe.yaml, validation.yaml, bundle/ ($(find "$out/bundle" -type f | wc -l) files)"
echo "Next        less $out/bundle/README.md"
echo "            $cnsctl validate -r $out/recipe.yaml -s $out/snapshot.yaml --format table"
echo "            $cnsctl --help"
