// The costs of open Consoles for the platform that serves them, while nothing happens.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser } from 'playwright-core';
import { cpuMsOf } from '../../measure/proc.ts';
import type { ConsolePlace } from './place.ts';
import { barRow } from './rows.ts';
import { openTab } from './tab.ts';

const CONSOLES = 10;
const BAR_PERCENT = 3;
/** A platform that has just started, or a page, has some things to do. */
const SETTLE_MS = 15_000;
const PATHS = ['', 'graph', 'resources', 'failures', 'operations'];

/** `where`: words for the platform. */
export async function measureIdle(
  browser: Browser,
  { running, pid }: ConsolePlace,
  seconds: number,
  where: string,
): Promise<string[][]> {
  await sleep(SETTLE_MS);
  const without = await percentOf(pid, seconds);
  const tabs = [];
  for (let number = 0; number < CONSOLES; number++) {
    const tab = await openTab(browser, running.addresses.admin);
    await tab.page.goto(`${running.addresses.admin}/console/${PATHS[number % PATHS.length]}`);
    await tab.page.locator('nav.side').waitFor();
    tabs.push(tab);
  }
  await sleep(SETTLE_MS);
  const withThem = await percentOf(pid, seconds);
  for (const tab of tabs) await tab.close();
  const more = withThem - without;
  return [
    [`${where}: CPU of the platform without a Console`, `${without.toFixed(2)} %`, '', ''],
    barRow(`${where}: ${CONSOLES} open Consoles beside that`, `${more.toFixed(2)} %`, more, BAR_PERCENT),
  ];
}

/** Of one core. */
async function percentOf(pid: number, seconds: number): Promise<number> {
  const [before, began] = [cpuMsOf(pid), performance.now()];
  await sleep(seconds * 1_000);
  return (100 * (cpuMsOf(pid) - before)) / (performance.now() - began);
}
