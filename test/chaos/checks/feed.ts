// The feed of each sensor has each of its readings once.
import { compareCounts } from '../../judge/counts.ts';
import type { UseSubject } from '../load/use.ts';
import { type Reading, readingId } from '../model/readings.ts';
import type { Check } from './check.ts';
import { eventOf } from './records.ts';

const PAGE = 100;

export function feedCheck({ site, records }: UseSubject, sensors: readonly string[]): Check {
  const feedOf = async (sensor: string): Promise<string[]> => {
    const found: string[] = [];
    for (let after = ''; ; ) {
      const response = await fetch(`${site.publicAddress()}/feed?owner=${sensor}&limit=${PAGE}${after}`);
      const text = await response.text();
      if (!response.ok) throw new Error(`the feed of ${sensor} is answered ${response.status}: ${text}`);
      const { items, next } = JSON.parse(text) as { items: { id: string; value: Reading }[]; next?: string };
      // As an entry names itself, and as its value says.
      found.push(...items.map(({ id, value }) => (id === readingId(value) ? id : `${id} with ${readingId(value)}`)));
      if (next === undefined || next === null) return found;
      after = `&after=${encodeURIComponent(next)}`;
    }
  };
  return {
    name: 'feeds have what was published, each once',
    async differences() {
      const found = (await Promise.all(sensors.map(feedOf))).flat();
      const published = new Set((await records.of('readings')).map(record => eventOf(record).id));
      return compareCounts('the feed', found, published);
    },
  };
}
