// A page hears of changes as they happen, goes on after a break, and says so while it hears none.
import assert from 'node:assert/strict';
import type { Page, Request } from 'playwright-core';
import { eventually } from '../eventually.ts';
import { startProxy } from '../services/proxy.ts';
import { assertAccessible } from './accessible.ts';
import { describeConsole, LOOKS, picture } from './running-console.ts';

const LOOK_AWAY = `
  Object.defineProperty(document, 'hidden', { value: true, configurable: true });
  document.dispatchEvent(new Event('visibilitychange'));`;
const LOOK_AGAIN = LOOK_AWAY.replace('true,', 'false,');

describeConsole('the Console, as it follows changes', running => {
  /** Requests for changes, and how often the page has asked what is wrong. */
  function watch(page: Page) {
    const streams: Request[] = [];
    let asked = 0;
    let waiting = 0;
    const isQuestion = (request: Request) => new URL(request.url()).pathname !== '/api/changes';
    page.on('request', request => {
      if (!isQuestion(request)) streams.push(request);
      if (isQuestion(request)) waiting++;
      if (new URL(request.url()).pathname === '/api/diagnosis') asked++;
    });
    page.on('requestfinished', request => {
      if (isQuestion(request)) waiting--;
    });
    return {
      streams,
      /** Time that the test makes pass is over at once, and an answer would come too late. */
      async pass(ms: number) {
        await eventually(() => waiting === 0, 'answers to all questions');
        await page.clock.runFor(ms);
        await eventually(() => waiting === 0, 'answers to all questions');
      },
      get asked() {
        return asked;
      },
    };
  }
  const pauses = (what: 'pause' | 'resume') =>
    running.admin(`/api/consumers/Subscription/default/points/${what}`, { method: 'POST' });
  const live = (page: Page) => page.getByRole('status').getByText('Live', { exact: true }).waitFor();

  it('asks nothing while nothing happens, and shows what happens', async () => {
    const page = await running.fresh();
    const watched = watch(page);
    await page.clock.install();
    await page.goto(running.platform.openConsole());
    await page.getByRole('heading', { level: 1, name: 'All is well' }).waitFor();
    await live(page);
    await watched.pass(5_000);
    const { asked } = watched;
    await watched.pass(20_000);
    assert.equal(watched.asked, asked);
    await pauses('pause');
    await page.getByRole('heading', { level: 1, name: '1 thing needs a look' }).waitFor();
    await picture(page, 'live');
    await pauses('resume');
    await page.getByRole('heading', { level: 1, name: 'All is well' }).waitFor();
    assert.equal(watched.streams.length, 1);
  });

  it('takes changes into a list, and does not ask for all of it anew', async () => {
    const page = await running.open('resources?kind=Subscription');
    await live(page);
    const row = page.getByRole('row').filter({ has: page.getByRole('link', { name: 'points' }) });
    await row.waitFor();
    await page.route('**/api/resources*', route => route.abort());
    await pauses('pause');
    await row.getByText('Paused').first().waitFor();
    await pauses('resume');
    await row.getByText('Paused').first().waitFor({ state: 'detached' });
  });

  for (const look of LOOKS)
    it(`draws what the consumers of a Topic did in the last minutes, ${look}`, async () => {
      const page = await running.fresh(look);
      await page.clock.install();
      await page.goto(running.platform.openConsole().replace('#', 'resources/Topic/default/orders#'));
      await live(page);
      const chart = page.getByRole('img', { name: /^Events each second: / });
      const said = async () => (await chart.getAttribute('aria-label')) ?? '';
      await page.getByText('Not handled yet').waitFor();
      for (let order = 0; order < 8; order++) {
        for (let drink = 0; drink <= order % 4; drink++) await running.order(`${look}-${order}-${drink}`, 'tea');
        await page.clock.runFor(5_000);
      }
      const hasHeard = async () => {
        await page.clock.runFor(5_000);
        return /points: newest [\d.]+\/s, between 0\/s and (?!0\/s).*come in: newest [\d.]+\/s, /.test(await said());
      };
      await eventually(hasHeard, 'the chart has what the consumer handled');
      await page.getByRole('link', { name: 'points' }).first().waitFor();
      assert.ok((await chart.locator('canvas').count()) > 0);
      await chart.scrollIntoViewIfNeeded();
      const box = await chart.boundingBox();
      if (box) await page.mouse.move(box.x + box.width - 60, box.y + 60);
      await page
        .locator('figcaption')
        .first()
        .getByText(/^\d\d:\d\d:\d\d$/)
        .waitFor();
      await assertAccessible(page);
      await picture(page, `topic-consumers-${look}`);
      await page.route('**/api/consumers?*', route => route.abort());
      const isOld = async () => {
        await page.clock.runFor(35_000);
        return (await page.getByText('Nothing new since').count()) > 0;
      };
      await eventually(isOld, 'the charts of consumers say that they are old');
    });

  it('says that it is not live while the platform is away, and goes on where it broke off', async () => {
    const proxy = await startProxy(Number(new URL(running.platform.addresses.admin).port));
    const origin = `http://127.0.0.1:${proxy.port}`;
    try {
      for (const look of LOOKS) {
        const page = await running.fresh(look, origin);
        const watched = watch(page);
        await page.goto(running.platform.openConsole().replace(running.platform.addresses.admin, origin));
        await live(page);
        await page.getByRole('heading', { level: 1, name: 'All is well' }).waitFor();
        proxy.refuse(true);
        await page.getByRole('status').getByText('Not live').waitFor();
        await page.getByText('The platform does not answer').first().waitFor();
        await page.getByRole('heading', { level: 1, name: 'All was well' }).waitFor();
        await assertAccessible(page);
        await picture(page, `away-${look}`);
        proxy.refuse(false);
        await live(page);
        assert.match(watched.streams.at(-1)?.headers()['last-event-id'] ?? '', /^[0-9a-f]+-\d+-[0-9a-f]+$/);
        await page.getByText('The platform does not answer').first().waitFor({ state: 'detached' });
      }
    } finally {
      await proxy.close();
    }
  });

  it('asks every few seconds where the platform tells changes to no more pages', async () => {
    const page = await running.fresh();
    const watched = watch(page);
    await page.route('**/api/changes?*', route =>
      route.fulfill({ status: 429, headers: { 'retry-after': '3600' }, json: { title: 'Too many' } }),
    );
    await page.clock.install();
    await page.goto(running.platform.openConsole());
    await page.getByRole('status').getByText('Not live: asks every 4 s').waitFor();
    await assertAccessible(page);
    const { asked } = watched;
    await watched.pass(9_000);
    await pauses('pause');
    await page.getByRole('heading', { level: 1, name: '1 thing needs a look' }).waitFor();
    await pauses('resume');
    await page.getByRole('heading', { level: 1, name: 'All is well' }).waitFor();
    assert.ok(watched.asked > asked);
    assert.equal(watched.streams.length, 1);
  });

  it('lets go of its connection while nobody looks, and goes on when somebody does', async () => {
    const page = await running.fresh();
    const watched = watch(page);
    await page.clock.install();
    await page.goto(running.platform.openConsole());
    await live(page);
    const ended = page.waitForEvent('requestfailed', request => request.url().includes('/api/changes'));
    await page.evaluate(LOOK_AWAY);
    await watched.pass(6_000);
    await ended;
    await pauses('pause');
    await page.evaluate(LOOK_AGAIN);
    await page.getByRole('heading', { level: 1, name: '1 thing needs a look' }).waitFor();
    await live(page);
    assert.equal(watched.streams.length, 2);
    assert.ok(watched.streams[1]?.headers()['last-event-id']);
    await pauses('resume');
  });
});
