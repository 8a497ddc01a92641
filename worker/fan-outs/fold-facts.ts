// Folds the facts of jobs into their state. A step reads its data in three queries, and returns all
// changes.
import { type Fact, factOf } from '../../core/fan-outs/facts.ts';
import { decodeFailedRow, decodeFanOutJob, type FailedRow } from '../../core/fan-outs/job.ts';
import { BITS_TABLE, FAILED_TABLE, itemKeyOf, JOBS_TABLE } from '../../core/fan-outs/layout.ts';
import type { World } from '../../core/world.ts';
import type { LogRecord } from '../../drivers/event-log/event-log.ts';
import type { Change } from '../../drivers/store/changes.ts';
import type { Tables } from '../../drivers/store/tables.ts';
import { bitsKeyOf, ItemBits, rowOfItem } from './item-bits.ts';
import { JobTurn } from './job-turn.ts';
import type { TurnRules } from './turn-rules.ts';

export type FactFold = (
  records: readonly LogRecord[],
  scope: string,
  store: Pick<Tables, 'rows'>,
  partition: number,
) => Promise<readonly Change[]>;

interface ReportedFact {
  readonly record: LogRecord;
  readonly fact: Fact;
}

export function createFactFold(world: Pick<World, 'now'>, rules: TurnRules): FactFold {
  return async (records, scope, store, partition) => {
    const byJob = new Map<string, ReportedFact[]>();
    for (const record of records) {
      const fact = factOf(record);
      if (fact === undefined || record.key === null || !isSound(fact)) continue;
      const reported = byJob.get(record.key);
      if (reported) reported.push({ record, fact });
      else byJob.set(record.key, [{ record, fact }]);
    }
    const nonces = [...byJob.keys()];
    if (nonces.length === 0) return [];
    const jobs = new Map(
      (await store.rows(scope, JOBS_TABLE, nonces)).flatMap(row => {
        const job = row && decodeFanOutJob(row.value);
        return row && job ? [[row.key, job] as const] : [];
      }),
    );
    const bits = new Map(nonces.map(nonce => [nonce, new ItemBits(nonce)]));
    const failed = new Map(nonces.map(nonce => [nonce, new Map<number, FailedRow>()]));
    await Promise.all([
      loadBits(store, scope, byJob, bits, nonce => jobs.get(nonce)?.items ?? 0),
      loadFailed(store, scope, byJob, failed),
    ]);
    return nonces.flatMap(nonce => {
      const turn = new JobTurn(
        { nonce, partition },
        rules,
        jobs.get(nonce),
        bits.get(nonce) ?? new ItemBits(nonce),
        failed.get(nonce) ?? new Map(),
        world.now(),
      );
      for (const { fact, record } of byJob.get(nonce) ?? []) turn.take(fact, record);
      return turn.changes();
    });
  };
}

async function loadBits(
  store: Pick<Tables, 'rows'>,
  scope: string,
  byJob: ReadonlyMap<string, readonly ReportedFact[]>,
  bits: ReadonlyMap<string, ItemBits>,
  itemsOf: (nonce: string) => number,
): Promise<void> {
  const wanted: { readonly nonce: string; readonly row: number }[] = [];
  for (const [nonce, reported] of byJob) {
    const rows = new Set<number>();
    let most = 0;
    for (const { fact } of reported) {
      if ('index' in fact) rows.add(rowOfItem(fact.index));
      if (fact.kind === 'split') most = Math.max(most, fact.items);
      // A redrive opens all failed items again, in whichever row they are.
      if (fact.kind === 'redrive') most = Math.max(most, itemsOf(nonce));
    }
    if (reported.some(({ fact }) => fact.kind === 'redrive')) {
      for (let row = 0; row <= rowOfItem(Math.max(0, most - 1)); row++) rows.add(row);
    }
    for (const row of rows) wanted.push({ nonce, row });
  }
  if (wanted.length === 0) return;
  const keys = wanted.map(({ nonce, row }) => bitsKeyOf(nonce, row));
  const found = await store.rows(scope, BITS_TABLE, keys);
  for (const [place, { nonce, row }] of wanted.entries()) bits.get(nonce)?.load(row, found[place]?.value);
}

async function loadFailed(
  store: Pick<Tables, 'rows'>,
  scope: string,
  byJob: ReadonlyMap<string, readonly ReportedFact[]>,
  failed: ReadonlyMap<string, Map<number, FailedRow>>,
): Promise<void> {
  const wanted: { readonly nonce: string; readonly index: number }[] = [];
  for (const [nonce, reported] of byJob) {
    for (const { fact } of reported) if (fact.kind === 'failed') wanted.push({ nonce, index: fact.index });
  }
  if (wanted.length === 0) return;
  const keys = wanted.map(({ nonce, index }) => itemKeyOf(nonce, index));
  const found = await store.rows(scope, FAILED_TABLE, keys);
  for (const [place, { nonce, index }] of wanted.entries()) {
    const row = found[place];
    if (row) failed.get(nonce)?.set(index, decodeFailedRow(row));
  }
}

/** Ten million items are the most that any job has. */
function isSound(fact: Fact): boolean {
  return !('index' in fact) || (Number.isInteger(fact.index) && fact.index >= 0 && fact.index < 10_000_000);
}
