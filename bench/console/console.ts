// The Console in a real browser whose processor is slowed down fourfold: bytes and time of the
// first view, pages over much, and the costs of open Consoles for the platform.
// `--rounds 2 --resources 1000 --letters 20000 --scroll 2 --idle 5` for a quick look,
// `--only first` for one part.
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Browser } from 'playwright-core';
import { buildConsole } from '../../scripts/build-console.ts';
import { shopFiles } from '../../test/console/shop.ts';
import { loadNow } from '../measure/machine.ts';
import { publish, toTable } from '../measure/report.ts';
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
    idle: { type: 'string', default: '30' },
    only: { type: 'string', default: 'first,large' },
  },
});
const [rounds, resources, letters] = [values.rounds, values.resources, values.letters].map(Number) as [
  number,
  number,
  number,
];
const idle = Number(values.idle);
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
};

const parts = values.only.split(',').map(name => {
  const part = PARTS[name];
  if (part === undefined) throw new Error(`--only knows ${Object.keys(PARTS).join(', ')}, and not "${name}"`);
  return part;
});
await buildConsole(consoleFolder);
const { browser, close } = await openBrowser();
try {
  const rows: string[][] = [];
  for (const part of parts) rows.push(...(await part(browser)));
  publish('console', 'The Console', [
    `Chromium ${browser.version()} without a window, its processor slowed down ${SLOWDOWN} times (but not for the costs of the platform), over a platform in a process of its own with SQLite. Medians of ${rounds} loads. “Usable” is the first moment at which what was asked for is painted and the page is free for a key. Files come with gzip and with their headers.`,
    `The small application has ten resources. The large one has ${words(resources)} resources in 20 namespaces, of which a tenth are Topics and a tenth Subscriptions, and ${words(letters)} dead letters of one Subscription.`,
    toTable(['', 'measured', 'bar', ''], rows),
    loadNow(),
  ]);
} finally {
  await close();
}
process.exit(0);
