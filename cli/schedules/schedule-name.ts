// The name of a schedule as commands take it.
import type { ScheduleName } from '../../admin/commands/schedule-view.ts';

/** `queue/reports/nightly`. */
export function scheduleNameOf({ kind, name, schedule }: Omit<ScheduleName, 'namespace'>): string {
  return `${kind.toLowerCase()}/${name}/${schedule}`;
}
