#!/bin/sh
# Makes sure of the namespace. Closed workflows stay readable for seven days; admission does not need them longer, as it
# reads its own job rows, which are kept for good.
set -eu

temporal operator namespace describe --namespace "$TEMPORAL_NAMESPACE" >/dev/null 2>&1 ||
  temporal operator namespace create --namespace "$TEMPORAL_NAMESPACE" --retention 7d
