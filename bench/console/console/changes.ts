// Pages that follow a platform in which all moves: memory of the page, and how soon a key that
// somebody presses is seen.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser } from 'playwright-core';
import { median } from '../../measure/report.ts';
import { movingApplication } from './application.ts';
import { openConsolePlace } from './place.ts';
import { barRow } from './rows.ts';
import { openTab, slowDown, type Tab } from './tab.ts';
import { startBiller, startTraffic, type Traffic } from './traffic.ts';

const GROWTH = 1.1;
const INPUT_MS = 100;
/** Until all has moved once, and the page has compiled and kept what it needs. */
const SETTLE_SECONDS = 20;
const KEY_EVERY_MS = 250;
/** Within half a minute, in which the page has told the same rows many times. */
const HEAP_LOOKS = 11;
const HEAP_EVERY_SECONDS = 2;
/** The Event Timing API tells of no event that is painted sooner, milliseconds. */
const LEAST_TOLD_MS = 16;
const LATE_MS = 1_000;
const MIB = 1024 * 1024;

export interface ChangesOptions {
  readonly topics: number;
  readonly perSecond: number;
  readonly seconds: number;
  /** Paths below /console/, each with a field for a name. */
  readonly pages: readonly string[];
}

export async function measureChanges(browser: Browser, options: ChangesOptions): Promise<string[][]> {
  const { topics, perSecond, pages } = options;
  const biller = await startBiller();
  const place = await openConsolePlace(movingApplication(topics, biller.url));
  const { addresses } = place.running;
  const traffic = startTraffic({ public: addresses.public, admin: addresses.admin }, topics, perSecond);
  try {
    const rows: string[][] = [];
    for (const path of pages) {
      const tab = await openTab(browser, addresses.admin);
      rows.push(...(await followed(tab, `${addresses.admin}/console/${path}`, path, traffic, options)));
      await tab.close();
    }
    await traffic.stop();
    return rows;
  } finally {
    await place.close();
    biller.close();
  }
}

async function followed(
  tab: Tab,
  url: string,
  name: string,
  traffic: Traffic,
  { seconds }: ChangesOptions,
): Promise<string[][]> {
  const { page } = tab;
  await page.goto(url);
  await page.locator('main .filters input[type=text]').focus();
  await slowDown(tab);
  await hearKeys(tab);
  await typeFor(tab, SETTLE_SECONDS);
  const before = await heapAround(tab);
  const [accepted, told, began] = [traffic.accepted(), traffic.told(), performance.now()];
  const latencies = await typeFor(tab, seconds);
  const took = (performance.now() - began) / 1_000;
  const [acceptedRate, toldRate] = [(traffic.accepted() - accepted) / took, (traffic.told() - told) / took];
  const after = await heapAround(tab);
  const growth = after / before;
  const p99 = latencies.toSorted((one, other) => one - other)[Math.floor(latencies.length * 0.99)] ?? Number.NaN;
  return [
    [`${name}, live: events accepted · changes told`, `${acceptedRate.toFixed(0)} · ${toldRate.toFixed(0)} /s`, '', ''],
    [`${name}, live: JavaScript heap at the start · end`, `${mib(before)} · ${mib(after)} MiB`, '', ''],
    barRow(`${name}, live: heap at the end against the start`, `${growth.toFixed(2)} ×`, growth, GROWTH),
    barRow(`${name}, live: input latency p99 of ${latencies.length} keys`, `${p99.toFixed(0)} ms`, p99, INPUT_MS),
  ];
}

async function hearKeys({ page }: Tab): Promise<void> {
  await page.evaluate(`(() => {
    globalThis.keyLatencies = [];
    new PerformanceObserver(list => {
      for (const { name, duration } of list.getEntries())
        if (name === 'keydown') globalThis.keyLatencies.push(duration);
    }).observe({ type: 'event', durationThreshold: ${LEAST_TOLD_MS} });
  })()`);
}

/** For each key that was pressed the time until it was painted, milliseconds. */
async function typeFor({ page }: Tab, seconds: number): Promise<number[]> {
  const end = performance.now() + seconds * 1_000;
  // Nobody who types waits until the page has dealt with the key before.
  const presses: Promise<void>[] = [];
  while (performance.now() < end) {
    presses.push(page.keyboard.press(presses.length % 2 === 0 ? '1' : 'Backspace'));
    await sleep(KEY_EVERY_MS);
  }
  await Promise.all(presses);
  // The browser tells of a key some time after it was painted.
  await sleep(LATE_MS);
  const told = (await page.evaluate('globalThis.keyLatencies.splice(0)')) as number[];
  return [...told, ...new Array<number>(Math.max(0, presses.length - told.length)).fill(LEAST_TOLD_MS)];
}

/**
 * The median of some looks while somebody types on: one look may meet an answer that is just being
 * read, and another none.
 */
async function heapAround(tab: Tab): Promise<number> {
  const looks: number[] = [];
  while (looks.length < HEAP_LOOKS) {
    await typeFor(tab, HEAP_EVERY_SECONDS);
    looks.push(await heapOf(tab));
  }
  return median(looks);
}

/** Bytes that are in use after all garbage was collected. */
async function heapOf({ devtools }: Tab): Promise<number> {
  await devtools.send('HeapProfiler.enable');
  await devtools.send('HeapProfiler.collectGarbage');
  await devtools.send('HeapProfiler.disable');
  return (await devtools.send('Runtime.getHeapUsage')).usedSize;
}

function mib(bytes: number): string {
  return (bytes / MIB).toFixed(1);
}
