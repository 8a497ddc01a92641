// Pages of the Console in a real browser whose processor is made slower, and their own measures.
import { type Browser, type CDPSession, chromium as driver, type Page } from 'playwright-core';
import { TOKEN } from '../../../test/processes/start-process.ts';
import { chromium } from '../../../test/services/chromium.ts';
import { startService } from '../../../test/services/service.ts';

/** The bars are for a processor that is so much slower than this one. */
export const SLOWDOWN = 4;
const WITHIN_MS = 60_000;
/** So long after nothing more comes of a page. */
const QUIET_MS = 500;

export interface Tab {
  readonly page: Page;
  readonly devtools: CDPSession;
  close(): Promise<void>;
}

/** Milliseconds until a page could be used, since the navigation and since the last answer. */
export interface Shown {
  readonly usableMs: number;
  readonly afterAnswerMs: number;
}

export async function openBrowser(): Promise<{ readonly browser: Browser; close(): Promise<void> }> {
  const service = await startService(chromium);
  const browser = await driver.connect(service.url);
  return {
    browser,
    async close() {
      await browser.close();
      await service.stop();
    },
  };
}

/** Somebody who is signed in, with nothing in the cache. */
export async function openTab(browser: Browser, admin: string): Promise<Tab> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 860 } });
  const page = await context.newPage();
  page.setDefaultTimeout(WITHIN_MS);
  await page.goto(`${admin}/console/`);
  await page.getByLabel('Token').fill(TOKEN);
  await page.keyboard.press('Enter');
  await page.locator('nav.side').waitFor();
  // Nothing of this visit comes into what is measured.
  await page.goto('about:blank');
  const devtools = await context.newCDPSession(page);
  return { page, devtools, close: () => context.close() };
}

export async function slowDown({ devtools }: Tab): Promise<void> {
  await devtools.send('Emulation.setCPUThrottlingRate', { rate: SLOWDOWN });
}

/**
 * Loads a page anew. It can be used once `selector` is painted and a task that came after that has
 * had its turn. `answers` begin the paths of the API that it waits for.
 */
export async function show({ page }: Tab, url: string, selector: string, answers: readonly string[]): Promise<Shown> {
  await page.goto(url, { waitUntil: 'commit' });
  return (await page.evaluate(`new Promise(resolve => {
    const measure = () => requestAnimationFrame(() => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => {
        const now = performance.now();
        const ends = performance.getEntriesByType('resource')
          .filter(({ name }) => ${JSON.stringify(answers)}.some(path => new URL(name).pathname === path))
          .map(({ responseEnd }) => responseEnd);
        resolve({ usableMs: now, afterAnswerMs: now - Math.max(...ends) });
      };
      port2.postMessage(undefined);
    });
    const isThere = () => document.querySelector(${JSON.stringify(selector)}) !== null;
    if (isThere()) return measure();
    const observer = new MutationObserver(() => {
      if (!isThere()) return;
      observer.disconnect();
      measure();
    });
    observer.observe(document, { childList: true, subtree: true });
  })`)) as Shown;
}

/** Bytes that come while something is done, and until nothing has come for a while. */
export async function bytesOf(
  tab: Tab,
  work: () => Promise<unknown>,
): Promise<Readonly<Record<'files' | 'answers', number>>> {
  const { devtools, page } = tab;
  const paths = new Map<string, string>();
  const bytes = { files: 0, answers: 0 };
  devtools.on('Network.requestWillBeSent', ({ requestId, request }) =>
    paths.set(requestId, new URL(request.url).pathname),
  );
  devtools.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    bytes[paths.get(requestId)?.startsWith('/api/') ? 'answers' : 'files'] += encodedDataLength;
  });
  await devtools.send('Network.enable');
  await devtools.send('Network.setExtraHTTPHeaders', { headers: { 'accept-encoding': 'gzip' } });
  await devtools.send('Network.setCacheDisabled', { cacheDisabled: true });
  await work();
  await page.waitForTimeout(QUIET_MS);
  await devtools.send('Network.disable');
  return bytes;
}
