// The processes of a pod of a node that runs on this machine.
import { readdirSync, readFileSync } from 'node:fs';

/** Their ids on this machine, by the name of the cgroup that the kubelet has made for the pod. */
export function processesOfPod(uid: string): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter(pid => pid > 0 && cgroupOf(pid).includes(`pod${uid}`));
}

function cgroupOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cgroup`, 'utf8');
  } catch {
    return '';
  }
}
