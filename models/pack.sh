#!/bin/sh
# Makes the default packs from what models/training wrote: quantize, measure on unseen data, store beside this script.
#
#   models/pack.sh VIT STORIES DATA     VIT, STORIES: trained folders; DATA: as for quality.sh
#
# Needs `make build`. Calibration sees training data alone; the figures in the packs are of data that neither training nor
# calibration saw.
set -eu
[ $# -eq 3 ] || { echo "usage: models/pack.sh VIT STORIES DATA" >&2; exit 64; }
root=$(cd "$(dirname "$0")/.." && pwd)
qpack=$root/.build/release/qpack
[ -x "$qpack" ] || { echo "pack.sh: $qpack is missing; run 'make build' first" >&2; exit 1; }

"$qpack" import "$1" -o "$root/models/cifar10-vit.qpack" --recipe w8a8 --name cifar10-vit \
  --calibration "$3/images/cifar10/calibration-512.bin" --eval "$3/images/cifar10/test-1000.bin"
"$qpack" import "$2" -o "$root/models/stories-7m.qpack" --recipe w8a8 --name stories-7m \
  --calibration "$3/stories/01-aesop-fables.txt" --eval "$3/reference/nll-text.txt"
