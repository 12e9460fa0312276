#!/bin/sh
# Install a built distribution into a new environment, away from the checkout, and use it.
# Usage: installed.sh PYTHON DISTRIBUTION PANDAS
set -eu
file=$(cd "$(dirname "$2")" && pwd)/$(basename "$2")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$1" -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet "$file[cli]" "$3"
cd "$folder"
venv/bin/python - <<'END'
import importlib.resources
import pathlib

import crmanalytics as crm

assert "venv" in pathlib.Path(crm.__file__).parts, crm.__file__
assert importlib.resources.files(crm).joinpath("py.typed").is_file()
for room in crm.__all__:
    getattr(crm, room)
print(crm.show_versions().head(5).to_string(index=False))
END
venv/bin/crmanalytics score cdnow --out results --until 1998-06-30 --unit W \
    --horizon 52 --discount-rate 0.10 --margin 0.30 >/dev/null
for name in scores.parquet segments.csv report.html models/purchases.json; do
    test -s "results/$name"
done
echo "installed and used: $(basename "$file") with $3"
