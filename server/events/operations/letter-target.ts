// Operations on dead letters: each is asked for once for the generation that the plan has seen, so
// that asking again after a crash redrives nothing twice.

import type { DeadLetterEdit } from '../../../admin/commands/dead-letter-view.ts';
import type {
  ItemResult,
  OperationEdit,
  OperationGroup,
  OperationRequest,
} from '../../../admin/commands/operation-view.ts';
import type { ConsumerName } from '../../../admin/consumer-name.ts';
import { fromRecord, isStructured } from '../../../core/cloudevents/record.ts';
import { TenfoldError } from '../../../core/errors.ts';
import { counted } from '../../../core/units/counted.ts';
import { readExactJson, writeExactJson } from '../../../core/units/exact-json.ts';
import type { LogRecord } from '../../../drivers/event-log/event-log.ts';
import type { DeadLetters, LetterOrder } from '../../../worker/dispatch/dead-letters/dead-letter-options.ts';
import type { FoundLetters } from '../../../worker/dispatch/dead-letters/found-letters.ts';
import type { LetterPlace } from '../../../worker/dispatch/dead-letters/letter-table.ts';
import type { DeadLetter } from '../../../worker/dispatch/settings.ts';
import type { LetterOwner } from '../control/dead-letter-control.ts';
import { type EditRules, editRecord } from '../control/edit-record.ts';
import type { PlannedItem } from './operation-store.ts';
import { AGES, type FoundItems, type OperationTarget, type Order } from './operation-targets.ts';

export interface OwnedLetters {
  readonly owner: LetterOwner;
  readonly letters: DeadLetters;
}

const MOST = 100;
const MOST_GROUPS = 50;
/** The generation of an id that is no dead letter's. */
const NONE = -1;
const WHOSE_DATA =
  'A worker ended while this was asked for. The event has been redriven, and nobody can say whether with these data.';
/** Nothing was said against it, or no worker has said yet which of several orders counts. */
const MAY_COUNT: ReadonlySet<string | undefined> = new Set([undefined, 'not-ready']);
const DOUBT = 'A worker ended while this was asked for, and it is no dead letter any more.';

export function createLetterTarget(of: (consumer: ConsumerName) => OwnedLetters): OperationTarget {
  return {
    most: MOST,
    filters: ['key', 'reason', 'group', 'text', 'held', ...AGES],
    async find({ action, consumer, ids, query = {} }, signal) {
      const { owner, letters } = of(consumer);
      if (owner.final !== undefined && action !== 'purge') throw new TenfoldError('conflict', owner.final);
      const { state: _, ...filter } = query;
      return toItems(await letters.find(ids ? {} : filter, signal), ids);
    },
    act: (order, signal) => act(of(order.consumer), order, signal),
  };
}

function toItems({ letters, groups, omitted, later }: FoundLetters, ids: OperationRequest['ids']): FoundItems {
  const named = ids && new Set(ids);
  const wanted = named ? letters.filter(place => named.delete(idOf(place))) : letters;
  const counts = new Map<number, number>();
  for (const { group } of wanted) counts.set(group, (counts.get(group) ?? 0) + 1);
  const all = [...counts].map(([number, count]): OperationGroup => {
    const { id = '', text: cause = '' } = groups[number] ?? {};
    return { id, cause, count };
  });
  all.sort((a, b) => b.count - a.count);
  const more = all.length - MOST_GROUPS;
  const older = `${counted(omitted, 'older dead letter')} cannot be reached before some of these have gone.`;
  return {
    items: [
      ...wanted.map(place => ({ id: idOf(place), as: place.generation })),
      ...[...(named ?? [])].map(id => ({ id, as: NONE })),
    ],
    groups: all.slice(0, MOST_GROUPS),
    notes: [
      ...(more > 0 ? [`There are ${counted(more, 'more group')}.`] : []),
      ...(omitted > 0 && !ids ? [older] : []),
      ...(named?.size ? [goneWords(named.size)] : []),
      ...(later > 0
        ? [`A later release has written ${counted(later, 'dead letter')}: they stay. Finish the upgrade.`]
        : []),
    ],
  };
}

function goneWords(count: number): string {
  return count === 1
    ? 'One of those that were named is no dead letter any more: it will be refused.'
    : `${count} of those that were named are no dead letters any more: they will be refused.`;
}

async function act({ owner, letters }: OwnedLetters, order: Order, signal: AbortSignal): Promise<ItemResult[]> {
  const { action, items, edit, again } = order;
  const verb = action === 'skip' || action === 'purge' ? action : 'redrive';
  const isRead = edit !== undefined || (verb === 'redrive' && owner.redriven !== undefined);
  const read = isRead ? await Promise.all(items.map(item => readOne(letters, item, signal))) : [];
  const rules = { schema: owner.schema, mask: owner.mask?.() };
  const orders = items.map((item, index) => toOrder(item, edit && { edit, letter: read[index] }, rules));
  const taken = orders.filter(each => 'id' in each);
  const refusals = await letters.order(verb, taken, signal);
  const why = new Map<string, TenfoldError>();
  for (const [index, refusal] of refusals.entries()) if (refusal) why.set(taken[index]?.id ?? '', refusal);
  for (const [index, each] of orders.entries()) if ('refusal' in each) why.set(items[index]?.id ?? '', each.refusal);
  const mayCount = (_: unknown, index: number) => MAY_COUNT.has(why.get(items[index]?.id ?? '')?.code);
  await owner.redriven?.(read.filter(mayCount).filter(letter => !(letter instanceof TenfoldError)));
  const decided = again && why.size > 0 ? await letters.decisions(items, signal) : [];
  const mark = verb === 'redrive' ? 'redriven' : 'purged';
  return items.map(({ id }, index): ItemResult => {
    const refusal = why.get(id);
    if (refusal === undefined) return { id, outcome: 'done' };
    if (decided[index] === mark)
      return edit ? { id, outcome: 'in-doubt', message: WHOSE_DATA } : { id, outcome: 'done' };
    if (refusal.code === 'not-ready') return { id, outcome: 'in-doubt', message: refusal.message };
    if (again && refusal.code === 'not-found') return { id, outcome: 'in-doubt', message: DOUBT };
    return { id, outcome: 'refused', message: refusal.message };
  });
}

/** The error says for good why it cannot be read. */
async function readOne(
  letters: DeadLetters,
  { id }: PlannedItem,
  signal: AbortSignal,
): Promise<DeadLetter | TenfoldError> {
  try {
    return await letters.read(id, signal);
  } catch (error) {
    if (error instanceof TenfoldError && !error.retryable) return error;
    throw error;
  }
}

function toOrder(
  { id, as: generation }: PlannedItem,
  changed: { readonly edit: OperationEdit; readonly letter: DeadLetter | TenfoldError | undefined } | undefined,
  rules: EditRules,
): LetterOrder | { readonly refusal: TenfoldError } {
  if (changed?.letter === undefined) return { id, generation };
  if (changed.letter instanceof TenfoldError) return { refusal: changed.letter };
  try {
    const { record } = changed.letter;
    return { id, generation, change: editRecord(record, toEdit(record, changed.edit), rules) };
  } catch (error) {
    if (error instanceof TenfoldError && !error.retryable) return { refusal: error };
    throw error;
  }
}

function toEdit(record: LogRecord, edit: OperationEdit): DeadLetterEdit {
  if (!('merge' in edit)) return edit;
  return { text: writeExactJson(merged(dataOf(record), edit.merge)) };
}

function dataOf(record: LogRecord): unknown {
  try {
    const written = readExactJson(Buffer.from(record.value).toString('utf8'));
    if (!isStructured(record.headers)) return written;
    return isObject(written) && 'data' in written ? written['data'] : fromRecord(record).data;
  } catch (cause) {
    throw new TenfoldError('invalid-input', 'Its data are no JSON: a merge patch needs JSON.', { cause });
  }
}

/** RFC 7396. */
function merged(data: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch;
  const result = new Map(Object.entries(isObject(data) ? data : {}));
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) result.delete(name);
    else result.set(name, merged(result.get(name), value));
  }
  return Object.fromEntries(result);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function idOf({ partition, offset }: LetterPlace): string {
  return `${partition}-${offset}`;
}
