// Jobs around a destination that does as a test says, with a store and a clock of their own.
import { decodeJobRow, encodeJobRow, type JobRow } from '../../../core/jobs/job-row.ts';
import { createJobSignals } from '../../../core/jobs/job-signals.ts';
import type { Outcome } from '../../../worker/deliver/destination.ts';
import type { DeadLetter } from '../../../worker/dispatch/settings.ts';
import { createJobEnds, type JobEndsOptions } from '../../../worker/jobs/job-ends.ts';
import { createJobRows } from '../../../worker/jobs/job-rows.ts';
import { withJobs } from '../../../worker/jobs/with-jobs.ts';
import { createFakeReminders } from '../../fakes/fake-reminders.ts';
import { createFakeStore } from '../../fakes/fake-store.ts';
import { createFakeWorld } from '../../fakes/fake-world.ts';
import { destinationOf, itemOf } from '../deliver/items.ts';

export const NONCE = '0123456789abcdef';
export const jobItem = (offset = 5, attempt = 1, headers: Record<string, string> = {}) =>
  itemOf({}, { offset, attempt, headers: { 'tenfold-job': NONCE, ...headers } });
export const failed: Outcome = { kind: 'failed', retryable: true, error: { status: 500, message: 'no' } };
export const refused: Outcome = { kind: 'failed', retryable: false, error: { status: 422, message: 'never' } };

/** Of the job of `jobItem`. */
export function letterOf(
  reason: DeadLetter['reason'],
  more: Pick<DeadLetter, 'attempts' | 'at'> & Partial<DeadLetter>,
): DeadLetter {
  const { partition, record } = jobItem();
  return { partition, offset: record.offset, generation: 0, reason, error: undefined, held: false, record, ...more };
}

export function setUp(
  decide: Parameters<typeof destinationOf>[0],
  { rowsFromEndpoint = false, ...more }: Partial<JobEndsOptions> & { readonly rowsFromEndpoint?: boolean } = {},
) {
  const world = createFakeWorld();
  const store = createFakeStore(world);
  const signals = createJobSignals();
  const { reminders, remind } = createFakeReminders();
  const rows = createJobRows({ store, namespace: 'default', queue: 'brew', resultTtlMs: 60_000, reminders });
  const common = { world, namespace: 'default', queue: 'brew', rows, signals };
  const ends = createJobEnds({ ...common, blobs: undefined, maxInline: 100, resultTtlMs: 60_000, ...more });
  const inner = destinationOf(decide);
  const problems: string[] = [];
  const problem = (message: string, error: unknown) => problems.push(`${message}: ${(error as Error).message}`);
  const destination = withJobs(inner, { ...common, store, reminders, ends, rowsFromEndpoint, problem });
  const keyOf = (offset: number) => `jobs/default/brew/2\n2-${offset}-${NONCE}`;
  const rowOf = (offset = 5): JobRow | undefined => {
    const entry = store.entries.get(keyOf(offset));
    const id = { partition: 2, offset, nonce: NONCE };
    return entry && entry.until > world.now() ? decodeJobRow(entry.value, id) : undefined;
  };
  /** As a later release writes it. */
  const writeLater = async (offset = 5) => {
    const row = encodeJobRow({ state: 'running', attempts: 1, acceptedAt: 1000, owner: '' });
    const value = Buffer.from(row.toString().replace('"v":1', '"v":2'));
    const [scope = '', key = ''] = keyOf(offset).split('\n');
    await store.put(scope, key, value, { ttlMs: 1e9 });
    return { stands: () => Buffer.from(store.entries.get(keyOf(offset))?.value ?? []).equals(value) };
  };
  return { world, store, signals, ends, inner, destination, rowOf, writeLater, remind, problems };
}
