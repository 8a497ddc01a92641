// The Console in a real browser whose processor is slowed down fourfold: bytes and time of the
// first view, pages over much, live changes, and the costs of open Consoles for the platform.
// `--rounds 2 --resources 1000 --letters 20000 --scroll 2 --seconds 10 --idle 5` for a quick look,
// `--only first,large` for some parts, `--only live --live graph --seconds 3600 --as console-hour`
// for an hour, with its own page of results. `--apart` keeps the browser on one core and all others
// off it.
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Browser } from 'playwright-core';
import { buildConsole } from '../../scripts/build-console.ts';
import { shopFiles } from '../../test/console/shop.ts';
import { loadNow } from '../measure/machine.ts';
import { publish, toTable } from '../measure/report.ts';
import { canPin, pinSelf } from '../measure/server-process.ts';
import { measureChanges } from './console/changes.ts';
import { measureBuild, measureFirstView } from './console/first-view.ts';
import { measureIdle } from './console/idle.ts';
import { measureLarge, openLargePlace } from './console/large.ts';
import { openConsolePlace } from './console/place.ts';
import { openBrowser, SLOWDOWN } from './console/tab.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    resources: { type: 'string', default: '10000' },
    letters: { type: 'string', default: '1000000' },
    scroll: { type: 'string', default: '5' },
    topics: { type: 'string', default: '500' },
    rate: { type: 'string', default: '1000' },
    seconds: { type: 'string', default: '60' },
    live: { type: 'string', default: 'graph,resources' },
    idle: { type: 'string', default: '30' },
    only: { type: 'string', default: 'first,large,live' },
    as: { type: 'string', default: 'console' },
    apart: { type: 'boolean', default: false },
  },
});
const [rounds, resources, letters] = [values.rounds, values.resources, values.letters].map(Number) as [
  number,
  number,
  number,
];
const [topics, perSecond, seconds, idle] = [values.topics, values.rate, values.seconds, values.idle].map(Number) as [
  number,
  number,
  number,
  number,
];
const words = (count: number) => count.toLocaleString('en');
const consoleFolder = join(import.meta.dirname, '../../dist/console');

const PARTS: Readonly<Record<string, (browser: Browser) => Promise<string[][]>>> = {
  async first(browser) {
    const place = await openConsolePlace(shopFiles);
    try {
      return [
        ...(await measureFirstView(browser, place, rounds)),
        ...measureBuild(consoleFolder),
        ...(await measureIdle(browser, place, idle, 'small application')),
      ];
    } finally {
      await place.close();
    }
  },
  async large(browser) {
    const place = await openLargePlace(resources, letters);
    try {
      return [
        ...(await measureLarge(browser, place, rounds, Number(values.scroll))),
        ...(await measureIdle(browser, place, idle, `${words(resources)} resources`)),
      ];
    } finally {
      await place.close();
    }
  },
  live: browser => measureChanges(browser, { topics, perSecond, seconds, pages: values.live.split(',') }),
};

const ABOUT: Readonly<Record<string, string>> = {
  first: `The small application has ten resources. Medians of ${rounds} loads.`,
  large: `The large one has ${words(resources)} resources in 20 namespaces, of which a tenth are Topics and a tenth Subscriptions, and ${words(letters)} dead letters of one Subscription. Medians of ${rounds} loads.`,
  live: `The live one has ${words(topics)} Topics with a Subscription each; ${words(perSecond)} events/s come to them in turn over HTTP, and one of 50 ends as a dead letter, so that what the platform has of each Topic and each Subscription changes by each event. A reader of the stream beside the page counts which changes the platform tells. While ${words(seconds)} s pass somebody types into the filter of the page, four keys a second. The heap at the start and at the end are medians of eleven looks within half a minute.`,
};

const names = values.only.split(',');
const parts = names.map(name => {
  const part = PARTS[name];
  if (part === undefined) throw new Error(`--only knows ${Object.keys(PARTS).join(', ')}, and not "${name}"`);
  return part;
});
await buildConsole(consoleFolder);
if (values.apart && !canPin) throw new Error('--apart needs taskset');
// Processes stay on the core of the one that starts them.
if (values.apart) pinSelf(1);
const { browser, close } = await openBrowser();
if (values.apart) pinSelf(0);
try {
  const rows: string[][] = [];
  for (const part of parts) rows.push(...(await part(browser)));
  publish(values.as, 'The Console', [
    `Chromium ${browser.version()} without a window, its processor slowed down ${SLOWDOWN} times (but not for the costs of the platform), over a platform in a process of its own with SQLite. “Usable” is the first moment at which what was asked for is painted and the page is free for a key. Files come with gzip and with their headers.${values.apart ? ' The browser has one core, and the platform and its load share another.' : ''}`,
    ...names.map(name => ABOUT[name] ?? ''),
    toTable(['', 'measured', 'bar', ''], rows),
    loadNow(),
  ]);
} finally {
  await close();
}
process.exit(0);
