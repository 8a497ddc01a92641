// What Redis keeps, read by another client than the platform's own: rows, rankings and jobs are
// what was acknowledged, and nothing is there without an owner or an end.
import { compareCounts } from '../../judge/counts.ts';
import { openRedisKeys, ownerless, type RedisKeys } from '../../observers/redis-keys.ts';
import type { ChaosEvent } from '../model/event.ts';
import type { Site } from '../site/site.ts';
import type { Check, CheckSubject } from './check.ts';
import { eventOf } from './records.ts';

export interface KeptSubject extends Pick<CheckSubject, 'model' | 'records'> {
  readonly site: Pick<Site, 'namespace'> & { readonly redis: Pick<Site['redis'], 'url'> };
}

interface JobLine {
  readonly state: string;
}

export function keptChecks({ site: { namespace, redis }, model, records }: KeptSubject): Check[] {
  // A client each time: those of before a fault may be without a connection.
  const look = (name: string, differences: (keys: RedisKeys) => Promise<readonly string[]>): Check => ({
    name,
    async differences() {
      const keys = await openRedisKeys(redis.url, namespace);
      try {
        return await differences(keys);
      } finally {
        keys.close();
      }
    },
  });
  const scopesOf = async (keys: RedisKeys, beginning: string): Promise<readonly string[]> => {
    const scopes = (await keys.all()).flatMap(({ scope }) => (scope?.startsWith(beginning) ? [scope] : []));
    return [...new Set(scopes)];
  };
  /** Of a View that is built anew there may be several for a while; one of them has to be right. */
  const generationOf = async (
    keys: RedisKeys,
    view: string,
    differences: (scopes: readonly string[]) => Promise<readonly string[]>,
  ): Promise<readonly string[]> => {
    const scopes = await scopesOf(keys, `view/${namespace}/${view}/`);
    const generations = Map.groupBy(scopes, scope => scope.slice(0, scope.lastIndexOf('/')));
    const found = await Promise.all([...generations.values()].map(differences));
    const [best] = found.sort((one, other) => one.length - other.length);
    return best ?? (await differences([]));
  };
  const events = async () => (await records.of('events')).map(record => eventOf<ChaosEvent>(record).data);
  return [
    look('Redis has a row of each event, and in its order', keys =>
      generationOf(keys, 'rows', async scopes => {
        const rows = await keys.rows(scopes, 'rows');
        const expected = new Map((await events()).map(event => [event.id, JSON.stringify(event)]));
        const wrong = [...rows].filter(
          ([id, value]) => JSON.stringify(JSON.parse(value.toString())) !== expected.get(id),
        );
        const inOrder = await keys.sorted(scopes, 'krows');
        return [
          ...compareCounts('Redis', rows.keys(), expected.keys()),
          ...compareCounts(
            'the order of rows',
            inOrder.map(([id]) => id),
            rows.keys(),
          ),
          ...wrong.map(([id, value]) => `the row of ${id} is ${value}`),
        ];
      }),
    ),
    look('Redis has the ranking that the topic says', keys =>
      generationOf(keys, 'counts', async scopes => {
        const found = await keys.sorted(scopes, 'smembers');
        const expected = new Map<string, number>();
        for (const { key } of await events()) expected.set(key, (expected.get(key) ?? 0) + 1);
        return compareCounts(
          'Redis',
          found.map(([member, negated]) => `${member} × ${-negated}`),
          [...expected].map(([key, count]) => `${key} × ${count}`),
        );
      }),
    ),
    look('Redis says of each job that it has succeeded', async keys => {
      const rows = await keys.rows(await scopesOf(keys, `jobs/${namespace}/jobs/`), '');
      return model.jobs.all().flatMap(({ number, path }) => {
        const row = rows.get(path.slice(path.lastIndexOf('/') + 1));
        const [line = ''] = row?.toString().split('\n', 1) ?? [];
        const state = line === '' ? 'nothing' : (JSON.parse(line) as JobLine).state;
        return state === 'succeeded' ? [] : [`of job ${number} at ${path} Redis says ${state}`];
      });
    }),
    look('nothing in Redis is without an owner or an end', ownerless),
  ];
}
