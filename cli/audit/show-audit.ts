// Prints the audit log as a table, or as data.
import * as z from 'zod';
import type { AuditEntry, AuditOutcome } from '../../admin/audit-view.ts';
import { toTimestamp } from '../../core/world.ts';
import { collectPages } from '../output/collect-pages.ts';
import { printList } from '../output/print-list.ts';
import type { Column } from '../output/table.ts';
import type { AdminClient } from '../platform/admin-client.ts';
import { ageOf } from '../relative-age.ts';
import type { Style } from '../style.ts';
import type { Terminal } from '../terminal.ts';

export interface AuditRequest {
  /** Undefined: all, and what belongs to none. */
  readonly namespace: string | undefined;
  /** Texts that the name of the caller and the action mention. */
  readonly by?: string | undefined;
  readonly action?: string | undefined;
  readonly outcome?: AuditOutcome | undefined;
  /** Milliseconds since 1970. */
  readonly since?: number | undefined;
  readonly until?: number | undefined;
  readonly limit: number;
  readonly format: 'table' | 'wide' | 'json' | 'yaml';
}

const command = z.object({ action: z.string(), kind: z.string(), name: z.string() });

const PAINT: Readonly<Record<AuditOutcome, 'green' | 'red' | 'yellow'>> = {
  done: 'green',
  refused: 'yellow',
  failed: 'red',
  'cut off': 'yellow',
  unknown: 'red',
};

export async function showAudit(
  client: Pick<AdminClient, 'audit'>,
  { limit, format, since, until, ...filter }: AuditRequest,
  terminal: Terminal,
): Promise<void> {
  const query = { ...filter, since: timeOf(since), until: timeOf(until) };
  const { items, more } = await collectPages(limit, page => client.audit({ ...query, ...page }));
  const isFiltered = Object.values(query).some(value => value !== undefined);
  const now = Date.now();
  printList(
    {
      items,
      format,
      none: isFiltered ? 'No entry of the audit log matches.' : 'Nothing was changed by commands.',
      nameOf: ({ id }) => id,
      columns: wide => columnsOf(terminal.out, now, wide),
    },
    terminal,
  );
  if (more && format !== 'json' && format !== 'yaml') terminal.say('There are more; see further with --limit.');
}

function timeOf(ms: number | undefined): string | undefined {
  return ms === undefined ? undefined : toTimestamp(ms);
}

function columnsOf(style: Style, now: number, wide: boolean): Column<AuditEntry>[] {
  return [
    { title: wide ? 'AT' : 'AGE', value: ({ at }) => (wide ? at : ageOf(at, now)) },
    { title: 'ACTION', value: actionWords, paint: () => style.bold },
    { title: 'OUTCOME', value: outcomeWords, paint: ({ outcome }) => style[PAINT[outcome]] },
    { title: 'BY', value: ({ by }) => by },
    { title: 'CLIENT', value: ({ client = '' }) => client },
    ...(wide
      ? [
          { title: 'FROM', value: ({ from }: AuditEntry) => from },
          { title: 'ASKED', value: ({ asked }: AuditEntry) => (asked === undefined ? '' : JSON.stringify(asked)) },
        ]
      : []),
  ];
}

/** One path takes several commands: they have the words of the command line. */
function actionWords({ action, asked, operation }: AuditEntry): string {
  const [, , id, change] = /^POST \/api\/operations\/([^/]+)\/([^/]+)\/([a-z]+)$/.exec(action) ?? [];
  if (id !== undefined) return `operation ${decodeURIComponent(id)}: ${change}`;
  if (action === 'POST /console/session') return 'sign in to the Console';
  const { data } = command.safeParse(asked);
  if (data === undefined) return action;
  const words = `${data.action} ${data.kind.toLowerCase()}/${data.name}`;
  if (action === 'POST /api/operations') return `operation${operation ? ` ${operation}` : ''}: plan ${words}`;
  const [, what] = /^POST \/api\/(dead-letters|parked)\/commands$/.exec(action) ?? [];
  return what === undefined ? action : `${what === 'parked' ? 'parked' : 'dead'} ${words}`;
}

function outcomeWords({ outcome, status, taken, failed, untold }: AuditEntry): string {
  const more = untold === undefined ? '' : `, after ${untold} refused sign-ins without an entry`;
  const counts = taken === undefined ? '' : `, ${taken} taken${failed ? `, ${failed} not` : ''}`;
  const isBad = outcome === 'refused' || outcome === 'failed';
  return (isBad ? `${outcome} (${status ?? 'no answer'})` : outcome + counts) + more;
}
