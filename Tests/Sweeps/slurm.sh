#!/bin/sh
# Sweeps under a real Slurm: starts slurmctld and slurmd on loopback, submits an array of 4, kills a task, requeues it,
# merges, and compares with the sweep that one process made, byte for byte.
#
# Needs Debian's slurm-wlm and root (slurmd starts tasks as the user who submits). Nothing outside its own folder is
# touched: configuration, state and logs lie in it.
#
# Usage: [SWEEP_LAST_SEED=31] Tests/Sweeps/slurm.sh [PROGRAM]
# Its status is 77 where Slurm does not start on this machine.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
program=$(realpath "${1:-$here/../../.build/release/diffusion-tui}")
work=$(mktemp -d -t sweep-slurm-XXXXXX)
host=$(hostname -s 2>/dev/null || echo localhost)
port=$((20000 + $$ % 20000))
control= node=

stop() {
  status=$?
  for id in $node $control; do kill "$id" 2>/dev/null || true; done
  # The daemons write their last state while they stop.
  for id in $node $control; do while kill -0 "$id" 2>/dev/null; do sleep 0.2; done; done
  [ "$status" -ne 0 ] && tail -n 20 "$work"/*.log "$work"/task-*.txt || true
  rm -rf "$work"
  exit "$status"
}
trap stop EXIT
trap 'exit 130' INT TERM

say() { printf '%s  %s\n' "$(date +%H:%M:%S)" "$*"; }

mkdir "$work/state" "$work/spool"
cat > "$work/slurm.conf" <<CONF
ClusterName=loop
SlurmctldHost=$host(127.0.0.1)
AuthType=auth/none
CredType=cred/none
SlurmUser=root
SlurmdUser=root
SlurmctldPort=$port
SlurmdPort=$((port + 1))
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
MpiDefault=none
SwitchType=switch/none
ReturnToService=2
KillWait=2
MinJobAge=600
StateSaveLocation=$work/state
SlurmdSpoolDir=$work/spool
SlurmctldPidFile=$work/slurmctld.pid
SlurmdPidFile=$work/slurmd.pid
SlurmctldLogFile=$work/slurmctld.log
SlurmdLogFile=$work/slurmd.log
NodeName=$host NodeAddr=127.0.0.1 CPUs=2 State=UNKNOWN
PartitionName=main Nodes=$host Default=YES MaxTime=INFINITE State=UP
CONF
export SLURM_CONF="$work/slurm.conf"

slurmctld -D > "$work/control.txt" 2>&1 & control=$!
slurmd -D -N "$host" > "$work/node.txt" 2>&1 & node=$!
tries=0
until [ "$(sinfo --noheader --format=%t 2>/dev/null)" = idle ]; do
  tries=$((tries + 1))
  kill -0 "$control" "$node" && [ "$tries" -lt 120 ] || { say "Slurm does not start here"; exit 77; }
  sleep 0.5
done
say "$(sinfo --version): node $host is idle"

last=${SWEEP_LAST_SEED:-31}
block=$((last + 1)) # a quarter of the cells
cat > "$work/plan.toml" <<PLAN
eta = 0.5
[[axis]]
seed = "0-$last"
[[axis]]
steps = [4, 6]
[[axis]]
scheduler = ["ddim", "euler"]
PLAN
cat > "$work/task.sh" <<TASK
#!/bin/sh
exec "$program" sweep "$work/plan.toml" --output "$work/array" --shard auto --threads 1
TASK

"$program" sweep "$work/plan.toml" --output "$work/whole"
"$program" sweep merge "$work/whole"

# Ids that start above 0 and step, which --shard auto has to put right.
job=$(sbatch --parsable --requeue --array=10-16:2 --cpus-per-task=1 --chdir="$work" --output="$work/task-%a.txt" \
  --open-mode=append "$work/task.sh") || { say "Slurm takes no job here"; exit 77; }
say "submitted array $job with tasks 10, 12, 14, 16"

# Kills the task of the second block in the middle of its work: it has made some cells, and not all.
made() {
  find "$work/array/cells" -name '*.json' 2>/dev/null | sed 's/.*\/0*//; s/\.json$//' \
    | awk -v from="$block" -v to="$((2 * block))" '$1 + 0 >= from && $1 + 0 < to' | wc -l
}
tries=0
until [ "$(made)" -gt 0 ]; do
  tries=$((tries + 1))
  [ "$tries" -lt 6000 ] || { say "Slurm starts no task here"; exit 77; }
  sleep 0.02
done
victim=
for id in $(pgrep -f "sweep $work/plan.toml --output $work/array"); do
  if tr '\0' '\n' < "/proc/$id/environ" | grep -qx 'SLURM_ARRAY_TASK_ID=12'; then victim=$id; fi
done
[ -n "$victim" ] || { say "task 12 ended before it could be killed: give more seeds with SWEEP_LAST_SEED"; exit 1; }
kill -9 "$victim"
say "killed process $victim of task 12 with $(made) of its $block cells done"
[ "$(made)" -lt "$block" ] || { say "it had done all of them: give more seeds with SWEEP_LAST_SEED"; exit 1; }

state() { squeue --noheader --states=all --array --jobs="${job}_$1" --format=%T 2>/dev/null; }
until [ "$(state 12)" = FAILED ]; do sleep 0.2; done
say "task 12 is FAILED; requeued"
scontrol requeue "${job}_12"
for task in 10 12 14 16; do
  until [ "$(state "$task")" = COMPLETED ]; do sleep 0.2; done
  say "task $task is COMPLETED: $(tr '\n' '|' < "$work/task-$task.txt")"
done

"$program" sweep merge "$work/array"
for file in table.csv table.json sheet.png; do
  cmp "$work/whole/$file" "$work/array/$file"
  say "$file equals that of the unsharded sweep: $(sha256sum < "$work/array/$file" | cut -c 1-16)"
done
"$program" verify "$work/array" --shard 1/4
