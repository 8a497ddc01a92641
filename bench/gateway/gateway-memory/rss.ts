// Resident memory of a process, now and while something goes on.
import { readFileSync } from 'node:fs';

/** Megabytes, from proc(5). */
export function rssOf(pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kilobytes) / 1024;
}

/** Samples of 20 a second until `work` is done. */
export async function watchRss(pid: number, work: () => Promise<unknown>): Promise<number[]> {
  const samples: number[] = [rssOf(pid)];
  const clock = setInterval(() => samples.push(rssOf(pid)), 50);
  try {
    await work();
  } finally {
    clearInterval(clock);
  }
  samples.push(rssOf(pid));
  return samples;
}
