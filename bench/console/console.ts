// The Console in a real browser whose processor is slowed down fourfold: bytes and time of the first
// view, large lists, live changes, and what open Consoles cost the server.
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { buildConsole } from '../../scripts/build-console.ts';
import { loadNow } from '../measure/machine.ts';
import { publish, toTable } from '../measure/report.ts';
import { measureBuild, measureFirstView } from './console/first-view.ts';
import { openBrowser, SLOWDOWN } from './console/tab.ts';

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '5' } } });
const root = join(import.meta.dirname, '../..');
const consoleFolder = join(root, 'dist/console');
await buildConsole(consoleFolder);
const { browser, close } = await openBrowser();
try {
  const rows = [...(await measureFirstView(browser, Number(values.rounds))), ...measureBuild(consoleFolder)];
  publish('console', 'The Console', [
    `Chromium ${browser.version()} without a window, its processor slowed down ${SLOWDOWN} times.`,
    toTable(['', 'measured', 'bar', ''], rows),
    loadNow(),
  ]);
} finally {
  await close();
}
process.exit(0);
