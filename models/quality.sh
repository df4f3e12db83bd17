#!/bin/sh
# Prints the README's quality table: every shared model, quantized by each recipe and measured beside float32.
#
#   models/quality.sh [DATA]      DATA: the folder with models/, images/, text (default: ../shared/data)
#
# Needs `make build`. Packs go to a temporary folder.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
data=${1:-$root/../shared/data}
qpack=$root/.build/release/qpack
[ -x "$qpack" ] || { echo "quality.sh: $qpack is missing; run 'make build' first" >&2; exit 1; }
[ -d "$data/models" ] || { echo "quality.sh: $data/models is missing; name the data folder" >&2; exit 1; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# field FILE KEY [scale]: one number of the pack's first quality entry.
field() {
  sed -n "s/.*\"$2\":\([-0-9.e]*\).*/\1/p" "$1" | awk -v s="${3:-1}" -v f="${4:-%.2f}" '{ printf f, $1 * s }'
}

# row MODEL RECIPE DATA CALIBRATION
row() {
  pack=$work/pack.qpack
  set -- "$1" "$2" "$3" "${4:-}"
  if [ -n "$4" ]; then
    "$qpack" import "$data/$1" -o "$pack" --recipe "$2" --calibration "$data/$4" > /dev/null
  else
    "$qpack" import "$data/$1" -o "$pack" --recipe "$2" > /dev/null
  fi
  reference=$data/$1
  "$qpack" eval "$pack" --data "$data/$3" --reference "$reference" --json > "$work/eval.json"
  size=$(wc -c < "$pack" | awk '{ printf "%.2f MB", $1 / 1e6 }')
  if grep -q '"kind":"image"' "$work/eval.json"; then
    figures="top-1 $(field "$work/eval.json" top1_reference 100) → $(field "$work/eval.json" top1 100) %"
  else
    figures="perplexity × $(field "$work/eval.json" perplexity_ratio 1 %.4f), KL $(field "$work/eval.json" kl 1 %.4f)"
  fi
  printf '| %s | %s | %s | %s | %s %% | %s |\n' "$(basename "$1")" "$2" "$(basename "$3")" "$figures" \
    "$(field "$work/eval.json" agreement 100)" "$size"
}

echo '| model | recipe | measured on | float32 → quantized | same first guess | pack |'
echo '|---|---|---|---|---|---|'
for recipe in w8a8 w4a8; do
  for model in cifar10-vit-tiny cifar10-vit-tiny-timm early-cifar10-vit; do
    row "models/$model" $recipe images/cifar10/test-1000.bin images/cifar10/calibration-512.bin
  done
  row models/stories260k $recipe reference/nll-text.txt stories/01-aesop-fables.txt
  row models-other/llama2c-stories260k/stories260K.bin $recipe reference/nll-text.txt stories/01-aesop-fables.txt
  row models/early-stories-7m $recipe reference/nll-text.txt stories/01-aesop-fables.txt
done
