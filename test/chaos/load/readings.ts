// Sensors: each publishes its readings one after the other, every fifth twice; one of them tells
// late what it saw. Beside them prices of items change, which readings are joined with.
import { eventually } from '../../eventually.ts';
import { dedupeCheck } from '../checks/dedupe.ts';
import { feedCheck } from '../checks/feed.ts';
import { joinCheck } from '../checks/joins.ts';
import { windowChecks } from '../checks/windows.ts';
import { type Reading, readingId, readingOf } from '../model/readings.ts';
import { type Clients, each, type Use } from './use.ts';

const SENSORS: readonly string[] = ['s1', 's2', 's3', 's4'];
const LATE_SENSOR = 'late';
const PROBE_SENSOR = 'probe';
const ITEMS = ['item-0', 'item-1', 'item-2', 'item-3'];
const READING_EVERY_MS = 250;
const LATE_EVERY_MS = 3000;
const LATE_BY_MS = 60_000;
const PRICE_EVERY_MS = 300;
const TWICE_EVERY = 5;

export function readingsUse(): Use {
  const acknowledged = new Set<string>();
  const probes = new Map<string, number>();
  let priced = 0;
  const publish = async ({ sender }: Clients, reading: Reading) => {
    const id = readingId(reading);
    await sender.post('/readings', reading, eventHeaders(id, 'Reading'));
    acknowledged.add(id);
  };
  const price = async ({ sender }: Clients, number: number) => {
    const item = ITEMS[number % ITEMS.length] ?? '';
    const version = Math.floor(number / ITEMS.length) + 1;
    await sender.post('/prices', { item, version }, eventHeaders(`${item}-${version}`, 'Price'));
    return { item, version };
  };
  return {
    handlers: {},
    clients: given => [
      ...SENSORS.map(sensor =>
        each(given, READING_EVERY_MS, async number => {
          const reading = readingOf(sensor, number, new Date());
          await publish(given, reading);
          if (number % TWICE_EVERY === 0) await publish(given, reading);
        }),
      ),
      each(given, LATE_EVERY_MS, number =>
        publish(given, readingOf(LATE_SENSOR, number, new Date(Date.now() - LATE_BY_MS))),
      ),
      each(given, PRICE_EVERY_MS, async number => {
        priced = number;
        await price(given, number - 1);
      }),
    ],
    async finish(given) {
      for (let number = 0; number < ITEMS.length; number++) {
        const last = await price(given, priced + number);
        await hasPrice(given, last);
        const at = ITEMS.indexOf(last.item);
        // Its item is that of the number.
        const reading = readingOf(PROBE_SENSOR, at + ITEMS.length, new Date());
        probes.set(readingId(reading), last.version);
        await publish(given, reading);
      }
    },
    figures: () => `${acknowledged.size} readings, ${priced} prices`,
    checks: subject => [
      ...windowChecks(subject),
      dedupeCheck(subject),
      joinCheck(subject, probes),
      feedCheck(subject, [...SENSORS, LATE_SENSOR, PROBE_SENSOR]),
      {
        name: 'readings that were acknowledged are in the log',
        async differences() {
          const there = new Set((await subject.records.of('readings')).map(({ headers }) => headers['ce_id']));
          return [...acknowledged].filter(id => !there.has(id));
        },
      },
    ],
  };
}

/** Of an event that says its id itself, so that it is the same when it is sent again. */
export const eventHeaders = (id: string, type: string): Record<string, string> => ({
  'ce-specversion': '1.0',
  'ce-id': id,
  'ce-source': '/clients',
  'ce-type': type,
});

const FOLDED_WITHIN_MS = 5 * 60_000;

async function hasPrice(
  { site, signal }: Clients,
  { item, version }: { readonly item: string; readonly version: number },
): Promise<void> {
  const isThere = async () => {
    const response = await fetch(`${site.publicAddress()}/prices?key=${item}`, { signal }).catch(() => undefined);
    return response?.ok === true && JSON.parse(await response.text()).version === version;
  };
  await eventually(isThere, `the View has version ${version} of ${item}`, FOLDED_WITHIN_MS);
}
