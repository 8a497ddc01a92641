// Pages over ten thousand resources and a million dead letters: how soon they can be used, and how
// they scroll.
import type { Browser } from 'playwright-core';
import { fillLetters } from '../../events/dead-letters/fill-letters.ts';
import { median } from '../../measure/report.ts';
import { FAILED, largeApplication } from './application.ts';
import { type ConsolePlace, openConsolePlace } from './place.ts';
import { barRow } from './rows.ts';
import { openTab, type Shown, show, slowDown, type Tab } from './tab.ts';

const USABLE_MS = 300;
/** The bar of scrolling. */
const FRAME_MS = 1_000;
const WHEEL_MS = 50;
const WHEEL_PX = 600;

interface LargePage {
  readonly name: string;
  readonly path: string;
  readonly selector: string;
  /** Paths of the API that it waits for. */
  readonly answers: readonly string[];
}

const ROWS = 'main table tbody tr';
const OF_FAILED = `kind=Subscription&namespace=default&name=${FAILED}`;
const PAGES: readonly LargePage[] = [
  { name: 'home', path: '', selector: '.findings > li', answers: ['/api/diagnosis'] },
  { name: 'graph', path: 'graph', selector: '.drawing .box', answers: ['/api/graph'] },
  { name: 'list of resources', path: 'resources', selector: ROWS, answers: ['/api/resources'] },
  {
    name: 'failures',
    path: 'failures',
    selector: ROWS,
    answers: ['/api/dead-letters/owners', '/api/dead-letters/groups', '/api/parked'],
  },
  {
    name: 'list of dead letters',
    path: `failures/letters?${OF_FAILED}`,
    selector: ROWS,
    answers: ['/api/dead-letters'],
  },
];

export function openLargePlace(resources: number, letters: number): Promise<ConsolePlace> {
  return openConsolePlace(largeApplication(resources), file => fillLetters(file, FAILED, letters));
}

export async function measureLarge(
  browser: Browser,
  place: ConsolePlace,
  rounds: number,
  scrollSeconds: number,
): Promise<string[][]> {
  const { admin } = place.running.addresses;
  const tab = await openTab(browser, admin);
  await slowDown(tab);
  const rows: string[][] = [];
  for (const { name, path, selector, answers } of PAGES) {
    const views: Shown[] = [];
    // The first one fills the cache of the browser.
    for (let round = 0; round <= rounds; round++)
      views.push(await show(tab, `${admin}/console/${path}`, selector, answers));
    const usable = median(views.slice(1).map(({ afterAnswerMs }) => afterAnswerMs));
    rows.push(barRow(`${name}: usable after the answer`, `${usable.toFixed(0)} ms`, usable, USABLE_MS));
    const whole = median(views.slice(1).map(({ usableMs }) => usableMs));
    rows.push([`${name}: usable after the navigation`, `${whole.toFixed(0)} ms`, '', '']);
    const longest = await longestFrame(tab, scrollSeconds);
    rows.push(barRow(`${name}: longest frame while it scrolls`, `${longest.toFixed(0)} ms`, longest, FRAME_MS));
  }
  await tab.close();
  return rows;
}

/** Milliseconds between two frames, while a wheel scrolls down and up again. */
async function longestFrame({ page }: Tab, seconds: number): Promise<number> {
  await page.evaluate(`(() => {
    let last = performance.now();
    globalThis.longestFrame = 0;
    const frame = now => {
      globalThis.longestFrame = Math.max(globalThis.longestFrame, now - last);
      last = now;
      requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
  })()`);
  await page.mouse.move(700, 500);
  const end = performance.now() + seconds * 1_000;
  while (performance.now() < end) {
    const isSecondHalf = end - performance.now() < seconds * 500;
    await page.mouse.wheel(0, isSecondHalf ? -WHEEL_PX : WHEEL_PX);
    await page.waitForTimeout(WHEEL_MS);
  }
  return Number(await page.evaluate('globalThis.longestFrame'));
}
