#!/usr/bin/env bash
# A Slurm cluster of one node, this machine, for tests: without systemd, cgroups
# or the system's own munge, so that it runs in a container and as any user.
#
#   tests/support/slurm_node.sh start   prints the path of its slurm.conf
#   tests/support/slurm_node.sh stop
#
# Needs Debian's slurm-wlm and munge. Everything lies in one folder. A cluster
# that runs already is left as it is.
set -euo pipefail
PATH=$PATH:/usr/sbin:/sbin # the daemons' folder, which not every user has

folder=${TMPDIR:-/tmp}/caderno-slurm-$(id -un)
export SLURM_CONF=$folder/slurm.conf
# munged wants to be alone with its key, and others to reach its socket.
umask 022

fail() {
  echo "slurm: $*" >&2
  exit 1
}

is_ready() {
  [ -f "$SLURM_CONF" ] &&
    timeout 3 sinfo --noheader --format=%T 2>/dev/null |
    grep -qE '^(idle|mixed|allocated)'
}

stop() {
  for name in slurmd slurmctld munged; do
    pid=$(cat "$folder/$name.pid" 2>/dev/null) || continue
    # The number may belong to somebody else by now.
    [ "$(cat "/proc/$pid/comm" 2>/dev/null)" = "$name" ] || continue
    kill "$pid"
    for _ in $(seq 50); do
      [ -d "/proc/$pid" ] || break
      sleep 0.1
    done
  done
  rm -rf "$folder"
}

start() {
  for program in munged slurmctld slurmd sinfo; do
    command -v "$program" >/dev/null || fail "there is no program $program"
  done
  if is_ready; then return; fi
  stop # what is left of one that was killed
  mkdir -p "$folder/state" "$folder/spool"
  (umask 077 && head -c 128 /dev/urandom >"$folder/munge.key")
  host=$(hostname -s)
  cat >"$SLURM_CONF" <<CONF
ClusterName=caderno
SlurmctldHost=$host(127.0.0.1)
SlurmUser=$(id -un)
SlurmdUser=$(id -un)
AuthType=auth/munge
CredType=cred/munge
AuthInfo=socket=$folder/munge.socket
StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/spool
SlurmctldPidFile=$folder/slurmctld.pid
SlurmdPidFile=$folder/slurmd.pid
SlurmctldLogFile=$folder/slurmctld.log
SlurmdLogFile=$folder/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
ReturnToService=2
SchedulerParameters=sched_interval=1,batch_sched_delay=0
NodeName=$host NodeAddr=127.0.0.1 CPUs=$(nproc) State=UNKNOWN
PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP
CONF
  munged --key-file="$folder/munge.key" --socket="$folder/munge.socket" \
    --pid-file="$folder/munged.pid" --log-file="$folder/munged.log" \
    --seed-file="$folder/munged.seed" >&2 || fail "munged does not start"
  slurmctld -c >&2 || fail "slurmctld does not start, see $folder"
  slurmd -c >&2 || fail "slurmd does not start, see $folder"
  for _ in $(seq 40); do
    if is_ready; then return; fi
    sleep 0.25
  done
  tail -n 5 "$folder"/*.log >&2
  fail "no node is ready after 10 s, see $folder"
}

case ${1:-} in
start)
  start
  echo "$SLURM_CONF"
  ;;
stop) stop ;;
*) fail "wanted start or stop" ;;
esac
