// State that is folded from a log, in Redis: one script for each step.
import type { RedisArgument } from '@redis/client';
import { assertChanges, assertFence } from '../assert-change.ts';
import type { Change, Fence } from '../changes.ts';
import { assertNames, assertPage, invalidState } from '../limits.ts';
import type { Folds } from '../store.ts';
import { changeArgs, needsCheck } from './change-args.ts';
import type { KeyNames } from './key-names.ts';
import type { RedisLink } from './link.ts';
import { listOf, maybe, numberReply, textReply } from './replies.ts';
import type { Run } from './run.ts';
import { listScopes } from './scopes.ts';

export interface RedisFoldsOptions {
  readonly link: RedisLink;
  readonly names: KeyNames;
  readonly run: Run;
  readonly nextVersion: () => string;
}

/** Keys that one step of `drop` unlinks. */
const SLICE = 500;

export function createRedisFolds({ link, names, run, nextVersion }: RedisFoldsOptions): Omit<Folds, 'position'> {
  const holds = async (scope: string) => (await run('holds', scope, [])) === 1;
  return {
    async apply(scope, changes, fence) {
      assertNames(scope);
      if (fence) assertFence(fence);
      assertChanges(changes);
      const [outcome, detail] = listOf(await run('apply', scope, applyArgs(changes, fence, nextVersion())));
      if (outcome === 1) return { applied: true };
      if (outcome === 0) return { applied: false, position: maybe(detail, numberReply) };
      throw invalidState(textReply(detail));
    },
    async drop(scope) {
      assertNames(scope);
      while ((await run('drop', scope, [String(SLICE)])) === 1);
    },
    async scopes(prefix, { limit, after = '' }) {
      assertPage(limit);
      return await listScopes({ link, names, holds }, prefix, after, limit);
    },
    async server(scope) {
      assertNames(scope);
      return textReply(await run('server', scope, []));
    },
  };
}

function applyArgs(changes: readonly Change[], fence: Fence | undefined, version: string): RedisArgument[] {
  const args: RedisArgument[] = [
    ...fenceArgs(fence),
    version,
    changes.some(needsCheck) ? '1' : '0',
    String(changes.length),
  ];
  for (const change of changes) args.push(...changeArgs(change));
  return args;
}

function fenceArgs(fence: Fence | undefined): readonly string[] {
  if (!fence) return ['0', '', '', '', ''];
  const { partition, consumer, after, upTo, server } = fence;
  return ['1', `${partition}:${consumer}`, String(after ?? ''), String(upTo), server ?? ''];
}
