// Facts of the kernel about a process.
import { readFileSync } from 'node:fs';

const TICK_MS = 10;

/**
 * Milliseconds of CPU, user and system, of all its threads so far; proc(5): fields 14 and 15 of
 * stat, after the name in parentheses.
 */
export function cpuMsOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}

/** Its resident set, MiB. */
export function rssMbOf(pid: number): number {
  return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;
}

/** Memory that no other process shares, MiB: it would be free again if the process ended. */
export function privateMbOf(pid: number): number {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  const all = [...text.matchAll(/^Private_(?:Clean|Dirty):\s+(\d+)/gm)];
  return all.reduce((sum, [, kb]) => sum + Number(kb), 0) / 1024;
}

/**
 * Milliseconds of CPU of all processes that this one started, and those in turn, as far as they
 * have ended; proc(5): fields 16 and 17 of stat.
 */
export function cpuMsOfChildren(): number {
  const fields = readFileSync('/proc/self/stat', 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');
  return (Number(fields[13]) + Number(fields[14])) * TICK_MS;
}
