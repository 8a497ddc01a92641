// Finds the schedule that a command names.
import { type ScheduleName, type ScheduleReport, scheduledKinds } from '../../admin/commands/schedule-view.ts';
import { TenfoldError } from '../../core/errors.ts';
import { suggest } from '../../core/suggest.ts';
import { CommandError } from '../command-error.ts';
import { inNamespace } from '../events/in-namespace.ts';
import type { AdminClient } from '../platform/admin-client.ts';
import { scheduleNameOf } from './schedule-name.ts';

const MOST = 1000;

/** `text`: `queue/reports/nightly`, or `reports/nightly` where only one resource is called so. */
export async function findSchedule(
  text: string | undefined,
  namespace: string | undefined,
  client: Pick<AdminClient, 'schedules'>,
): Promise<ScheduleReport> {
  const wanted = toWanted(text);
  const { items } = await client.schedules({ namespace, name: wanted.name, limit: String(MOST) });
  const found = items.filter(
    ({ kind, schedule }) => schedule === wanted.schedule && (wanted.kind === undefined || kind === wanted.kind),
  );
  const [first, second] = found;
  if (!first) throw notFound(wanted, items);
  if (!second) return first;
  const ways = found.map(each => `${scheduleNameOf(each)}${inNamespace(each.namespace)}`);
  throw new CommandError('usage', `"${text}" names ${found.length} schedules.`, {
    hint: `say which: ${ways.join(' or ')}.`,
  });
}

interface Wanted {
  readonly kind: ScheduleName['kind'] | undefined;
  readonly name: string;
  readonly schedule: string;
}

function toWanted(text: string | undefined): Wanted {
  const hint = 'name it as queue/reports/nightly; "tenfold schedules list" shows them.';
  if (text === undefined) throw new CommandError('usage', 'It is not said which schedule.', { hint });
  const parts = text.split('/');
  const [schedule, name, word] = [...parts].reverse();
  const kind = scheduledKinds.find(each => each.toLowerCase() === word?.toLowerCase());
  const isKnown = parts.length === 2 || (parts.length === 3 && kind !== undefined);
  if (schedule && name && isKnown) return { kind, name, schedule };
  throw new CommandError('usage', `"${text}" is no name of a schedule.`, { hint });
}

function notFound({ kind, name, schedule }: Wanted, items: readonly ScheduleReport[]): TenfoldError {
  const nearest = suggest(
    schedule,
    items.map(each => each.schedule),
  );
  const message = `There is no schedule "${schedule}" of ${kind ?? 'a Topic, Queue or FanOut'} "${name}".`;
  return new TenfoldError('not-found', nearest ? `${message} Did you mean "${nearest}"?` : message);
}
