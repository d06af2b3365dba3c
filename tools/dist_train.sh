#!/usr/bin/env bash
# Train on several GPUs of one machine, or on the processes of several machines:
#   tools/dist_train.sh CONFIG GPUS [arguments of tools/train.py]
# With several machines set NNODES, MASTER_ADDR and PORT on each. With MAX_RESTARTS=3 and the argument --resume, a
# training that loses a process goes on from its last checkpoint, up to three times.
set -euo pipefail
if [ $# -lt 2 ]; then
    echo "usage: $0 CONFIG GPUS [arguments of tools/train.py]" >&2
    exit 2
fi
tools=$(cd "$(dirname "$0")" && pwd)
config=$1
gpus=$2

# Processes that are started again must not find the addresses of those that died.
export TORCH_DISABLE_SHARE_RDZV_TCP_STORE=1
PYTHONPATH="$tools/..${PYTHONPATH:+:$PYTHONPATH}" "${PYTHON:-python}" -m torch.distributed.run \
    --nnodes="${NNODES:-1}" \
    --rdzv_backend=c10d \
    --rdzv_endpoint="${MASTER_ADDR:-127.0.0.1}:${PORT:-29500}" \
    --nproc_per_node="$gpus" \
    --max_restarts="${MAX_RESTARTS:-0}" \
    "$tools/train.py" "$config" --launcher pytorch "${@:3}"
