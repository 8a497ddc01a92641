// Views are what their topic says: each row, each document, and how often each key came.
import { judgeView } from '../../judge/views.ts';
import type { ChaosEvent } from '../model/event.ts';
import type { Check, CheckSubject } from './check.ts';
import { eventOf } from './records.ts';

const PAGE = 100;
/** Pages of a search reach no further than 10,000 documents. */
const STRETCH = 5000;

export function viewChecks({ site, records }: CheckSubject): Check[] {
  const ask = async (path: string) => {
    const response = await fetch(`${site.publicAddress()}${path}`, { signal: AbortSignal.timeout(2 * 60_000) });
    const text = await response.text();
    if (!response.ok) throw new Error(`${path} is answered ${response.status}: ${text}`);
    return JSON.parse(text);
  };
  const pages = async (path: string): Promise<{ readonly value: unknown }[]> => {
    const found: { readonly value: unknown }[] = [];
    for (let after = ''; ; ) {
      const { items, next } = await ask(`${path}&limit=${PAGE}${after}`);
      found.push(...items);
      if (next === undefined || next === null) return found;
      after = `&after=${encodeURIComponent(next)}`;
    }
  };
  const eachOf = async (paths: readonly string[]) => {
    const found: { readonly value: unknown }[] = [];
    for (const path of paths) found.push(...(await pages(path)));
    return found;
  };
  const events = async () => (await records.of('events')).map(record => eventOf<ChaosEvent>(record).data);
  const keysOf = (all: readonly ChaosEvent[]) => [...new Set(all.map(({ key }) => key))];
  const shown = ({ key, number }: Pick<ChaosEvent, 'key' | 'number'>) => `${key}/${number}`;
  const compareEach = (what: string, paths: (key: string, count: number) => readonly string[]): Check => ({
    name: `the ${what} are what the topic says`,
    async differences() {
      const all = await events();
      const last = Math.max(...all.map(({ number }) => number));
      const found = (await Promise.all(keysOf(all).map(key => eachOf(paths(key, last))))).flat();
      return judgeView({
        what: `the ${what}`,
        found: found.map(({ value }) => [shown(value as ChaosEvent), 'there']),
        expected: all.map(event => [shown(event), 'there']),
      });
    },
  });
  return [
    compareEach('rows', key => [`/rows?index=key&value=${key}`]),
    compareEach('documents', (key, last) =>
      Array.from({ length: Math.ceil((last + 1) / STRETCH) }, (_, index) => index * STRETCH).map(
        from => `/found?filter=key:${key}&filter=number:${from}..${from + STRETCH - 1}`,
      ),
    ),
    {
      name: 'the ranking counts what the topic says',
      async differences() {
        const all = await events();
        const { items } = await ask('/counts?top=100');
        return judgeView({
          what: 'the ranking',
          found: items.map(({ member, score }: { member: string; score: number }) => [member, String(score)]),
          expected: keysOf(all).map(key => [key, String(all.filter(event => event.key === key).length)]),
        });
      },
    },
  ];
}
