// Buckets in Redis: one script takes from all that are asked for at once.
import { assertTakes } from '../assert-take.ts';
import type { Buckets } from '../buckets.ts';
import { assertName } from '../limits.ts';
import type { KeyNames } from './key-names.ts';
import type { RedisLink } from './link.ts';
import { listOf, numberReply } from './replies.ts';
import type { Scripts } from './scripts.ts';

export function createBuckets(link: RedisLink, names: KeyNames, script: Scripts['take']): Buckets {
  return {
    async take(scope, takes) {
      assertName('The scope', scope);
      assertTakes(takes);
      const base = names.base(scope);
      const args: string[] = [];
      for (const { intervalMs, burst, want } of takes) args.push(String(intervalMs), String(burst), String(want));
      const reply = listOf(await link.run(script, [base, ...takes.map(({ bucket }) => `${base}g${bucket}`)], args));
      return takes.map((_, index) => ({
        taken: numberReply(reply[index * 2]),
        resetMs: numberReply(reply[index * 2 + 1]),
      }));
    },
  };
}
