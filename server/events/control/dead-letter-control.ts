// Dead letters of all consumers, for the admin API.

import type {
  CommandProgress,
  DeadLetterCommand,
  DeadLetterDetail,
  DeadLetterEdit,
  DeadLetterGroup,
  DeadLetterOwner,
  DeadLetterPage,
  DeadLetterSummary,
} from '../../../admin/commands/dead-letter-view.ts';
import type { ConsumerName } from '../../../admin/consumer-name.ts';
import type { EventControl } from '../../../admin/event-view.ts';
import { TenfoldError } from '../../../core/errors.ts';
import { toTimestamp, type World } from '../../../core/world.ts';
import type { EventLog } from '../../../drivers/event-log/event-log.ts';
import type { DeadLetters } from '../../../worker/dispatch/dead-letters/dead-letter-options.ts';
import { createDeadLetters } from '../../../worker/dispatch/dead-letters/dead-letters.ts';
import type { CountedGroup } from '../../../worker/dispatch/dead-letters/found-letters.ts';
import type { LetterDecision } from '../../../worker/dispatch/dead-letters/letter-index.ts';
import type { LetterSummary } from '../../../worker/dispatch/dead-letters/read-letter.ts';
import type { DeadLetter } from '../../../worker/dispatch/settings.ts';
import type { RecordMasker } from '../masking/mask-record.ts';
import { type EditRules, editRecord } from './edit-record.ts';
import { toShownEvent } from './shown-event.ts';

/** A consumer with the group that its dead letters are kept under. */
export interface LetterOwner {
  readonly name: ConsumerName;
  readonly group: string;
  /** The topic that the group reads; undefined where nothing can be redriven, or nobody is told. */
  readonly source?: string;
  /** JSON Schema of the data, where its Topic or Queue has one. */
  readonly schema?: unknown;
  /** Masks the sensitive fields of its letters. */
  mask?(): RecordMasker | undefined;
  /** Why nothing of it can be redriven. */
  readonly final?: string;
  /** Called with the dead letters of an accepted redrive. */
  redriven?(letters: readonly DeadLetter[]): Promise<void>;
}

/** How many letters a group has that nobody has decided about. */
export type LetterCount = (group: string) => Promise<number>;

export interface DeadLetterControl
  extends Pick<EventControl, 'deadLetters' | 'deadLetterGroups' | 'deadLetter' | 'command'> {
  deadLetterOwners(): Promise<DeadLetterOwner[]>;
  /** Counts the letters of groups, whose owners are those of this moment: found once for all. */
  counter(): LetterCount;
  /** The newest decision of a person about a letter. */
  decision(consumer: ConsumerName, id: string): Promise<LetterDecision | undefined>;
  /** Asks a group that has no owner for people, such as the callbacks of a Queue. */
  ofGroup(owner: Pick<LetterOwner, 'name' | 'group' | 'mask'>): Pick<DeadLetterControl, 'deadLetter' | 'decision'>;
  /** `not-found` where there is no such consumer. */
  of(consumer: ConsumerName): { readonly owner: LetterOwner; readonly letters: DeadLetters };
}

/** Commands that one append takes: after each people see how far it is. */
const AT_ONCE = 100;

export function createDeadLetterControl(
  world: World,
  log: EventLog,
  owners: () => readonly LetterOwner[],
  problem?: (message: string, error: unknown) => void,
): DeadLetterControl {
  const known = new Map<string, DeadLetters>();
  const lettersOf = ({ group, source, final }: Pick<LetterOwner, 'group' | 'source' | 'final'>): DeadLetters => {
    // A letter that was counted before its owner was known is not redriven where that is final.
    const key = `${group} ${source ?? ''} ${final ?? ''}`;
    let letters = known.get(key);
    if (!letters) {
      letters = createDeadLetters(world, log, group, { source, final, problem });
      known.set(key, letters);
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
    counter() {
      const byGroup = Map.groupBy(owners(), ({ group }) => group);
      return group => lettersOf(byGroup.get(group)?.[0] ?? { group }).count();
    },
    of(consumer) {
      const owner = ownerOf(consumer);
      return { owner, letters: lettersOf(owner) };
    },
    deadLetterOwners: () =>
      Promise.all(owners().map(async owner => ({ ...owner.name, deadLetters: await lettersOf(owner).count() }))),
    async deadLetters({ consumer, namespace, visible = () => true, limit, after, ...filter }) {
      const wanted = consumer
        ? [ownerOf(consumer)]
        : owners().filter(
            ({ name }) => visible(name.namespace) && (namespace === undefined || name.namespace === namespace),
          );
      const [start, place] = splitCursor(after);
      const items: DeadLetterSummary[] = [];
      let later = 0;
      let omitted = 0;
      const pageOf = (next?: string): DeadLetterPage => ({
        items,
        ...(next === undefined ? {} : { next }),
        ...leftOut(later, omitted),
      });
      for (const [index, owner] of wanted.entries()) {
        if (index < start) continue;
        const room = limit - items.length;
        const page = await lettersOf(owner).list(filter, room, index === start ? place : undefined);
        items.push(...page.letters.map(letter => toSummary(owner.name, letter)));
        if (index > start || place === undefined) {
          later += page.later;
          omitted += page.omitted;
        }
        if (page.next !== undefined) return pageOf(`${index}:${page.next}`);
        if (items.length === limit && index + 1 < wanted.length) return pageOf(`${index + 1}:`);
      }
      return pageOf();
    },
    async deadLetterGroups({ consumer, limit, ...filter }) {
      const { groups, more, later, omitted } = await lettersOf(ownerOf(consumer)).groups(filter, limit);
      return {
        items: groups.map(group => toGroup(consumer, group)),
        ...(more.groups === 0 ? {} : { more }),
        ...leftOut(later, omitted),
      };
    },
    async deadLetter(consumer, id) {
      const owner = ownerOf(consumer);
      return toDetail(owner, id, await lettersOf(owner).read(id));
    },
    decision: async (consumer, id) => lettersOf(ownerOf(consumer)).decision(id),
    ofGroup: owner => ({
      deadLetter: async (_, id) => toDetail(owner, id, await lettersOf(owner).read(id)),
      decision: async (_, id) => lettersOf(owner).decision(id),
    }),
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
  { schema, mask, redriven }: LetterOwner,
  progress: (progress: CommandProgress) => void,
  signal: AbortSignal,
): Promise<CommandProgress> {
  const found = ids ? undefined : await letters.find(query ?? {}, signal);
  const wanted = found?.letters.map(({ partition, offset }) => `${partition}-${offset}`) ?? inLogOrder(ids ?? []);
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
      ? [await redriveEdited(letters, page[0] ?? '', edit, { schema, mask: mask?.() }, signal)]
      : await letters.order(
          action,
          page.map(id => ({ id })),
          signal,
        );
    for (const [index, refusal] of refusals.entries()) {
      if (refusal) failed.push({ id: page[index] ?? '', message: refusal.message });
      else taken++;
    }
    const mayCount = (refusal: TenfoldError | undefined) => refusal === undefined || refusal.code === 'not-ready';
    await redriven?.(events.flatMap((letter, index) => (letter && mayCount(refusals[index]) ? [letter] : [])));
    if (from + AT_ONCE >= wanted.length) break;
    progress({ taken, failed: failed.slice(told), total: wanted.length });
    told = failed.length;
  }
  return { taken, failed, total: wanted.length, ...leftOut(found?.later ?? 0, found?.omitted ?? 0) };
}

/** Why it is not taken, where that is not the log's fault. */
async function redriveEdited(
  letters: DeadLetters,
  id: string,
  edit: DeadLetterEdit,
  rules: EditRules,
  signal: AbortSignal,
): Promise<TenfoldError | undefined> {
  try {
    const { record } = await letters.read(id, signal);
    return (await letters.order('redrive', [{ id, change: editRecord(record, edit, rules) }], signal))[0];
  } catch (error) {
    if (!(error instanceof TenfoldError) || error.retryable) throw error;
    return error;
  }
}

/** Ids are `<partition>-<offset>`. */
function inLogOrder(ids: readonly string[]): readonly string[] {
  return ids
    .map(id => ({ id, offset: Number(id.slice(id.indexOf('-') + 1)) }))
    .sort((a, b) => a.offset - b.offset)
    .map(({ id }) => id);
}

function leftOut(later: number, omitted: number): Pick<DeadLetterPage, 'later' | 'omitted'> {
  return { ...(later === 0 ? {} : { later }), ...(omitted === 0 ? {} : { omitted }) };
}

function toGroup(consumer: ConsumerName, { id, text, count, first, last, newest }: CountedGroup): DeadLetterGroup {
  return {
    id,
    cause: text,
    count,
    first: toTimestamp(first),
    last: toTimestamp(last),
    ...(newest === undefined ? {} : { sample: toSummary(consumer, newest) }),
  };
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
    ...(error?.cause === undefined ? {} : { cause: error.cause }),
    attempts,
    at: toTimestamp(at),
    held,
    redriven: generation,
    eventId,
    eventType,
  };
}

function toDetail(
  { name, mask }: Pick<LetterOwner, 'name' | 'mask'>,
  id: string,
  letter: DeadLetter,
): DeadLetterDetail {
  const { record } = letter;
  const { key, headers } = record;
  const summary = { ...letter, id, key, letter: 0, eventId: headers['ce_id'], eventType: headers['ce_type'] };
  return { ...toSummary(name, summary), ...toShownEvent(record, mask?.()) };
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
