// Operations on dead letters, parked events, and jobs of a Queue: they find items and act on
// them.

import type {
  ItemResult,
  OperationAction,
  OperationEdit,
  OperationFilter,
  OperationGroup,
  OperationRequest,
} from '../../../admin/commands/operation-view.ts';
import type { ConsumerName } from '../../../admin/consumer-name.ts';
import type { EventControl } from '../../../admin/event-view.ts';
import { TenfoldError } from '../../../core/errors.ts';
import type { PlannedItem } from './operation-store.ts';

/** The items of a plan, in the order in which they are taken. */
export interface FoundItems {
  readonly items: readonly PlannedItem[];
  readonly groups?: readonly OperationGroup[];
  /** The search could not reach this: one sentence each. */
  readonly notes: readonly string[];
}

export interface Order {
  readonly action: OperationAction;
  readonly consumer: ConsumerName;
  readonly items: readonly PlannedItem[];
  readonly edit?: OperationEdit | undefined;
  /** The same may have been asked for before, by a process that has ended. */
  readonly again: boolean;
}

export interface OperationTarget {
  /** Items of one order at most. */
  readonly most: number;
  /** The filters that it goes by; a request with another is refused. */
  readonly filters: readonly (keyof OperationFilter)[];
  find(request: OperationRequest, signal: AbortSignal): Promise<FoundItems>;
  /**
   * One for each item, in their order. Rejects where nobody can say; then it may be asked again.
   */
  act(order: Order, signal: AbortSignal): Promise<readonly ItemResult[]>;
}

export type OperationTargets = (action: OperationAction) => OperationTarget;

export interface TargetDeps {
  readonly letters: OperationTarget;
  readonly parked: EventControl['parked'];
  readonly jobs: Pick<EventControl, 'jobs' | 'job' | 'cancelJob'>;
}

export const AGES = ['olderThanMs', 'newerThanMs'] as const;
const PAGE = 1000;
const ENDED: ReadonlySet<string> = new Set(['succeeded', 'failed', 'expired', 'cancelled']);
const DOUBT = 'A worker ended while this was asked for, and it is there no longer. Its story says what became of it.';

export function createTargets({ letters, parked, jobs }: TargetDeps): OperationTargets {
  const ofParked: OperationTarget = {
    // Each order reads the parking logs of its partitions.
    most: 1000,
    filters: ['key', 'reason', 'text', ...AGES],
    find: (request, signal) => findParked(parked, request, signal),
    act: (order, signal) => orderParked(parked, order, signal),
  };
  const ofJobs: OperationTarget = {
    most: 20,
    filters: ['state'],
    find: (request, signal) => findJobs(jobs, request, signal),
    act: order => Promise.all(order.items.map(item => cancel(jobs, order, item))),
  };
  return action => {
    if (action === 'cancel') return ofJobs;
    return action === 'retry-now' || action === 'give-up' ? ofParked : letters;
  };
}

async function findParked(
  parked: TargetDeps['parked'],
  { consumer, ids, query = {} }: OperationRequest,
  signal: AbortSignal,
): Promise<FoundItems> {
  if (ids) return { items: ids.map(id => ({ id, as: 0 })), notes: [] };
  const { held: _, group: _group, state: _state, ...filter } = query;
  const items: PlannedItem[] = [];
  const notes: string[] = [];
  for (let after: string | undefined; ; ) {
    const page = await parked.list(
      { consumer, ...filter, limit: PAGE, ...(after === undefined ? {} : { after }) },
      signal,
    );
    // The others wait for their time or for a person.
    items.push(...page.items.filter(({ state }) => state === 'retrying').map(({ id }) => ({ id, as: 0 })));
    for (const { partition, message } of page.unread ?? [])
      notes.push(`Partition ${partition} is not in it: ${message}`);
    after = page.next;
    if (after === undefined) return { items, notes };
  }
}

async function orderParked(
  parked: TargetDeps['parked'],
  { action, consumer, items, again }: Order,
  signal: AbortSignal,
): Promise<readonly ItemResult[]> {
  const ids = items.map(({ id }) => id);
  const verb = action === 'give-up' ? 'give-up' : 'retry';
  const { failed, open = [], unread = [] } = await parked.command({ action: verb, consumer, ids }, () => {}, signal);
  const [first] = unread;
  if (first) throw new TenfoldError('not-ready', `Partition ${first.partition} cannot be read: ${first.message}`);
  const why = new Map(failed.map(({ id, message }) => [id, message]));
  const waiting = new Set(open);
  return ids.map((id): ItemResult => {
    const message = why.get(id);
    if (message !== undefined)
      return again ? { id, outcome: 'in-doubt', message: `${message} ${DOUBT}` } : { id, outcome: 'refused', message };
    if (!waiting.has(id)) return { id, outcome: 'done' };
    return { id, outcome: 'in-doubt', message: 'The order is kept, and no worker has said yet what it came to.' };
  });
}

async function findJobs(
  jobs: TargetDeps['jobs'],
  { consumer: { kind, namespace, name }, ids, query = {} }: OperationRequest,
  signal: AbortSignal,
): Promise<FoundItems> {
  if (kind !== 'Queue') throw new TenfoldError('bad-request', `A ${kind} has no jobs to cancel: name a Queue.`);
  if (ids) return { items: ids.map(id => ({ id, as: 0 })), notes: [] };
  const items: PlannedItem[] = [];
  for (let after: string | undefined; ; ) {
    signal.throwIfAborted();
    const { state } = query;
    const asked = { namespace, queue: name, limit: PAGE };
    const page = await jobs.jobs({ ...asked, ...(state && { state }), ...(after === undefined ? {} : { after }) });
    items.push(...page.items.filter(job => !ENDED.has(job.state)).map(({ id }) => ({ id, as: 0 })));
    after = page.next;
    if (after === undefined) return { items: items.reverse(), notes: [] };
  }
}

async function cancel(
  jobs: TargetDeps['jobs'],
  { consumer: { namespace, name }, again }: Order,
  { id }: PlannedItem,
): Promise<ItemResult> {
  try {
    await jobs.cancelJob(namespace, name, id);
    return { id, outcome: 'done' };
  } catch (error) {
    if (!(error instanceof TenfoldError) || error.retryable) throw error;
    // An earlier order may have been the one that cancelled it.
    const isCancelled =
      again && error.code === 'conflict' && (await jobs.job(namespace, name, id)).state === 'cancelled';
    return isCancelled ? { id, outcome: 'done' } : { id, outcome: 'refused', message: error.message };
  }
}
