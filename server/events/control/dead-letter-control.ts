// Dead letters of all consumers, for the admin API.
import type {
  CommandProgress,
  ConsumerName,
  DeadLetterCommand,
  DeadLetterDetail,
  DeadLetterEdit,
  DeadLetterPage,
  DeadLetterSummary,
  EventControl,
} from '../../../admin/event-view.ts';
import { toJsonFormat } from '../../../core/cloudevents/encode.ts';
import { fromRecord } from '../../../core/cloudevents/record.ts';
import { TenfoldError } from '../../../core/errors.ts';
import { toTimestamp, type World } from '../../../core/world.ts';
import type { EventLog } from '../../../drivers/event-log/event-log.ts';
import {
  createDeadLetters,
  type DeadLetters,
  type LetterSummary,
} from '../../../worker/dispatch/dead-letters/dead-letters.ts';
import type { DeadLetter } from '../../../worker/dispatch/settings.ts';
import { editRecord } from './edit-record.ts';

/** A consumer with the group that its dead letters are kept under. */
export interface LetterOwner {
  readonly name: ConsumerName;
  readonly group: string;
  /** JSON Schema of the data, where its Topic or Queue has one. */
  readonly schema?: unknown;
  /** Why nothing of it can be redriven. */
  readonly final?: string;
  /** Called with the dead letters of an accepted redrive. */
  redriven?(letters: readonly DeadLetter[]): Promise<void>;
}

export interface DeadLetterControl extends Pick<EventControl, 'deadLetters' | 'deadLetter' | 'command'> {
  count(group: string): Promise<number>;
}

const MAX_SHOWN_BYTES = 256 * 1024;
/** Commands that one append takes: after each people see how far it is. */
const AT_ONCE = 100;
const PAGE = 1000;

export function createDeadLetterControl(
  world: World,
  log: EventLog,
  owners: () => readonly LetterOwner[],
  problem?: (message: string, error: unknown) => void,
): DeadLetterControl {
  const known = new Map<string, DeadLetters>();
  const lettersOf = ({ group, final }: Pick<LetterOwner, 'group' | 'final'>): DeadLetters => {
    let letters = known.get(group);
    if (!letters) {
      letters = createDeadLetters(world, log, group, { final, problem });
      known.set(group, letters);
    }
    return letters;
  };
  const ownerOf = (wanted: ConsumerName): LetterOwner => {
    const found = owners().find(({ name }) => sameName(name, wanted));
    if (found) return found;
    throw new TenfoldError(
      'not-found',
      `There is no ${wanted.kind} "${wanted.name}" in namespace "${wanted.namespace}".`,
    );
  };

  return {
    count: group => lettersOf({ group }).count(),
    async deadLetters({ consumer, namespace, limit, after, ...filter }) {
      const wanted = consumer
        ? [ownerOf(consumer)]
        : owners().filter(({ name }) => namespace === undefined || name.namespace === namespace);
      const [start, place] = splitCursor(after);
      const items: DeadLetterSummary[] = [];
      let later = 0;
      const pageOf = (next?: string): DeadLetterPage => ({
        items,
        ...(next === undefined ? {} : { next }),
        ...(later === 0 ? {} : { later }),
      });
      for (const [index, owner] of wanted.entries()) {
        if (index < start) continue;
        const room = limit - items.length;
        const page = await lettersOf(owner).list(filter, room, index === start ? place : undefined);
        items.push(...page.letters.map(letter => toSummary(owner.name, letter)));
        if (index > start || place === undefined) later += page.later;
        if (page.next !== undefined) return pageOf(`${index}:${page.next}`);
        if (items.length === limit && index + 1 < wanted.length) return pageOf(`${index + 1}:`);
      }
      return pageOf();
    },
    async deadLetter(consumer, id) {
      const owner = ownerOf(consumer);
      return toDetail(owner.name, id, await lettersOf(owner).read(id));
    },
    async command(command, progress, signal) {
      const owner = ownerOf(command.consumer);
      return carryOut(lettersOf(owner), command, owner, progress, signal);
    },
  };
}

/**
 * Page by page, each partition in the order of its log: so events of one key keep theirs,
 * whenever each was given up.
 */
async function carryOut(
  letters: DeadLetters,
  { action, ids, query, edit }: DeadLetterCommand,
  { schema, redriven }: LetterOwner,
  progress: (progress: CommandProgress) => void,
  signal: AbortSignal,
): Promise<CommandProgress> {
  const { ids: found, later } = ids ? { ids, later: 0 } : await findAll(letters, query ?? {}, signal);
  const wanted = inLogOrder(found);
  const failed: { id: string; message: string }[] = [];
  let taken = 0;
  let told = 0;
  for (let from = 0; from < wanted.length; from += AT_ONCE) {
    signal.throwIfAborted();
    const page = wanted.slice(from, from + AT_ONCE);
    const events =
      redriven && action === 'redrive'
        ? await Promise.all(page.map(id => letters.read(id, signal).catch(() => undefined)))
        : [];
    const refusals = edit
      ? [await redriveEdited(letters, page[0] ?? '', edit, schema, signal)]
      : await letters.order(
          action,
          page.map(id => ({ id })),
          signal,
        );
    for (const [index, refusal] of refusals.entries()) {
      if (refusal) failed.push({ id: page[index] ?? '', message: refusal.message });
      else taken++;
    }
    await redriven?.(events.flatMap((letter, index) => (letter && !refusals[index] ? [letter] : [])));
    if (from + AT_ONCE >= wanted.length) break;
    progress({ taken, failed: failed.slice(told), total: wanted.length });
    told = failed.length;
  }
  return { taken, failed, total: wanted.length, ...(later === 0 ? {} : { later }) };
}

/** Why it is not taken, where that is not the log's fault. */
async function redriveEdited(
  letters: DeadLetters,
  id: string,
  edit: DeadLetterEdit,
  schema: unknown,
  signal: AbortSignal,
): Promise<TenfoldError | undefined> {
  try {
    const { record } = await letters.read(id, signal);
    await letters.redrive(id, editRecord(record, edit, schema));
    return undefined;
  } catch (error) {
    if (!(error instanceof TenfoldError) || error.retryable) throw error;
    return error;
  }
}

/** All dead letters that are there now; later ones do not count. */
async function findAll(
  letters: DeadLetters,
  filter: NonNullable<DeadLetterCommand['query']>,
  signal: AbortSignal,
): Promise<{ readonly ids: readonly string[]; readonly later: number }> {
  const ids: string[] = [];
  let later = 0;
  let after: string | undefined;
  do {
    const page = await letters.list(filter, PAGE, after, signal);
    ids.push(...page.letters.map(({ id }) => id));
    later = page.later;
    after = page.next;
  } while (after !== undefined);
  return { ids, later };
}

/** Ids are `<partition>-<offset>`. */
function inLogOrder(ids: readonly string[]): readonly string[] {
  return ids
    .map(id => ({ id, offset: Number(id.slice(id.indexOf('-') + 1)) }))
    .sort((a, b) => a.offset - b.offset)
    .map(({ id }) => id);
}

function toSummary(consumer: ConsumerName, letter: LetterSummary): DeadLetterSummary {
  const { id, key, reason, error, attempts, at, held, generation, eventId, eventType } = letter;
  return {
    id,
    consumer,
    key,
    reason,
    error: error?.message ?? '',
    ...(error?.status === undefined ? {} : { status: error.status }),
    attempts,
    at: toTimestamp(at),
    held,
    redriven: generation,
    eventId,
    eventType,
  };
}

function toDetail(consumer: ConsumerName, id: string, letter: DeadLetter): DeadLetterDetail {
  const { record } = letter;
  const { key, headers } = record;
  const summary = { ...letter, id, key, letter: 0, eventId: headers['ce_id'], eventType: headers['ce_type'] };
  return { ...toSummary(consumer, summary), event: eventOf(letter), headers, data: dataOf(record.value) };
}

function eventOf({ record }: DeadLetter): unknown {
  if (record.value.length > MAX_SHOWN_BYTES) return undefined;
  try {
    return toJsonFormat(fromRecord(record));
  } catch {
    return undefined;
  }
}

function dataOf(value: Uint8Array): DeadLetterDetail['data'] {
  if (value.length > MAX_SHOWN_BYTES) return { bytes: value.length };
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(value) };
  } catch {
    return { bytes: value.length };
  }
}

function sameName(one: ConsumerName, other: ConsumerName): boolean {
  return one.kind === other.kind && one.namespace === other.namespace && one.name === other.name;
}

/** `<index of the consumer>:<place in its list>`. */
function splitCursor(after: string | undefined): [index: number, place: string | undefined] {
  if (after === undefined) return [0, undefined];
  const colon = after.indexOf(':');
  const index = Number(after.slice(0, Math.max(colon, 0)));
  if (colon < 1 || !Number.isSafeInteger(index))
    throw new TenfoldError('bad-request', 'That is no place in this list.');
  const place = after.slice(colon + 1);
  return [index, place === '' ? undefined : place];
}
