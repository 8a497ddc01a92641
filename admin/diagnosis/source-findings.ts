// Finds faults of the sources of Topics, such as an outbox table of a database.
import { counted } from '../../core/units/counted.ts';
import { formatDuration } from '../../core/units/duration.ts';
import { toTimestamp } from '../../core/world.ts';
import type { SourceReport } from '../event-view.ts';
import type { OwnFinding } from './finding.ts';

/** As for consumers. */
const BEHIND_MS = 300_000;

export function findingsOfSource(source: SourceReport, now: number): OwnFinding[] {
  return [...failing(source), ...aside(source), ...behind(source, now)];
}

function failing({ state, table, lastError, failingSince }: SourceReport): OwnFinding[] {
  if (state !== 'failing') return [];
  return [
    {
      severity: 'error',
      reason: 'SourceUnavailable',
      ...(failingSince === undefined ? {} : { since: failingSince }),
      message: `Its outbox table "${table}" cannot be read; rows wait there, and it is tried again.`,
      ...(lastError === undefined ? {} : { cause: lastError }),
      next: 'Mend what the cause names: the database, the Secret with its address, or the table. It goes on by itself.',
    },
  ];
}

function aside({ table, aside: count, rowsAside: [first] }: SourceReport): OwnFinding[] {
  if (count === 0) return [];
  const rows = count === 1 ? 'row became no event, and stays' : 'rows became no event, and stay';
  return [
    {
      severity: 'error',
      reason: 'RowsRefused',
      message: `${count} ${rows} in the table "${table}"; the first has the id "${first?.id ?? ''}".`,
      ...(first === undefined ? {} : { cause: first.message }),
      next: 'Mend these rows in the database, or delete them; they are tried again each minute.',
    },
  ];
}

function behind({ table, state, ageMs = 0, waiting }: SourceReport, now: number): OwnFinding[] {
  if (state !== 'running' || ageMs <= BEHIND_MS) return [];
  const rows = waiting === undefined ? 'an unknown number of rows' : counted(waiting, 'row');
  return [
    {
      severity: 'warning',
      reason: 'Behind',
      since: toTimestamp(now - ageMs),
      message: `The oldest row of the table "${table}" has waited for ${formatDuration(Math.floor(ageMs / 1000) * 1000)}; ${rows} to be read.`,
      next: 'Let it read more rows at a time by spec.source.postgres.batch, and look how long the log takes to append.',
    },
  ];
}

/** In a sentence of `Ready`. */
export function sourceText({ state, table, read }: SourceReport): string {
  switch (state) {
    case 'running':
      return `The outbox table "${table}" is read: ${counted(read, 'row')} so far.`;
    case 'failing':
      return `The outbox table "${table}" cannot be read.`;
    default:
      return `Nothing reads the outbox table "${table}" yet.`;
  }
}
