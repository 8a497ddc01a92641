// How busy the machine was while something was measured.
import { cpus, loadavg } from 'node:os';

/** A sentence for the page: above the number of cores others were in the way. */
export function loadNow(): string {
  return `Load of the machine at the end: ${(loadavg()[0] ?? 0).toFixed(1)} on ${cpus().length} cores.`;
}
