// Refuses changes that no store could make, before anything is sent to it.

import { TenfoldError } from '../../core/errors.ts';
import type { Change, Fence } from './changes.ts';
import {
  assertFinite,
  assertName,
  assertTtl,
  assertValue,
  assertWhole,
  invalidState,
  MAX_APPLY_BYTES,
  MAX_CHANGES,
  MAX_FEED,
  MAX_INDEXES,
  MAX_RANKING,
} from './limits.ts';

/** Bytes that they take. */
export function assertChanges(changes: readonly Change[]): number {
  if (changes.length > MAX_CHANGES)
    throw invalidState(`${changes.length} changes are too many for one step; ${MAX_CHANGES} are allowed.`);
  let bytes = 0;
  for (const change of changes) bytes += assertChange(change);
  if (bytes > MAX_APPLY_BYTES)
    throw new TenfoldError(
      'body-too-large',
      `The changes have ${bytes} bytes; ${MAX_APPLY_BYTES} are allowed in one step.`,
    );
  return bytes;
}

export function assertFence({ consumer, partition, after, upTo }: Fence): void {
  assertName('The consumer', consumer);
  assertWhole('The partition', partition, 0, Number.MAX_SAFE_INTEGER);
  assertWhole('The position', upTo, 0, Number.MAX_SAFE_INTEGER);
  if (after !== undefined && !(after <= upTo))
    throw invalidState(`The position would go back from ${after} to ${upTo}.`);
}

function assertChange(change: Change): number {
  switch (change.kind) {
    case 'put':
      assertName('The key', change.key);
      assertTtl(`The time to live of '${change.key}'`, change.ttlMs);
      return assertValue(`The value of '${change.key}'`, change.value);
    case 'delete':
      return assertNames(change.key);
    case 'put-row':
      assertNames(change.table, change.key);
      assertMaybeTtl(change.key, change.ttlMs);
      if (Object.keys(change.indexes ?? {}).length > MAX_INDEXES)
        throw invalidState(`Row '${change.key}' has more than ${MAX_INDEXES} indexes.`);
      for (const index of Object.keys(change.indexes ?? {})) assertName('The index', index);
      return assertValue(`Row '${change.key}'`, change.value);
    case 'delete-row':
      return assertNames(change.table, change.key);
    case 'score':
      assertNames(change.ranking, change.member);
      assertMaybeTtl(change.ranking, change.ttlMs);
      assertFinite(`The score of '${change.member}'`, change.score);
      assertWhole(`The limit of '${change.ranking}'`, change.limit, 1, MAX_RANKING);
      return change.value === undefined ? 0 : assertValue(`The value shown of '${change.member}'`, change.value);
    case 'unrank':
      return assertNames(change.ranking, change.member);
    case 'push':
      assertNames(change.feed, change.owner, change.id);
      assertMaybeTtl(change.feed, change.ttlMs);
      assertFinite(`The place of '${change.id}'`, change.at);
      assertWhole(`The limit of '${change.feed}'`, change.limit, 1, MAX_FEED);
      return assertValue(`Entry '${change.id}'`, change.value);
    case 'unpush':
      return assertNames(change.feed, change.owner, change.id);
    case 'count':
      assertName('The counter', change.counter);
      assertMaybeTtl(change.counter, change.ttlMs);
      assertWhole(
        `The amount added to '${change.counter}'`,
        change.by,
        -Number.MAX_SAFE_INTEGER,
        Number.MAX_SAFE_INTEGER,
      );
      return 0;
    case 'set-timer':
      assertName('The timer', change.timer);
      if (change.inMs !== 0) assertTtl(`The time of '${change.timer}'`, change.inMs);
      return assertValue(`The payload of '${change.timer}'`, change.payload);
    case 'cancel-timer':
      return assertNames(change.timer);
  }
}

function assertNames(...names: readonly string[]): number {
  for (const name of names) assertName('A name', name);
  return 0;
}

function assertMaybeTtl(name: string, ttlMs: number | undefined): void {
  if (ttlMs !== undefined) assertTtl(`The time to live of '${name}'`, ttlMs);
}
