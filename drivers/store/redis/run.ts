// How a command or script reaches Redis.
import type { RedisArgument } from '@redis/client';
import type { Scripts } from './scripts.ts';

/** Runs a script in a scope; with `budget` also on the keys of that lease. */
export type Run = (
  name: keyof Scripts,
  scope: string,
  args: readonly RedisArgument[],
  budget?: string,
) => Promise<unknown>;
