// The page of an Aggregate stands in a real browser, against a platform that has answered requests
// whose parts were slow, were not needed, or waited for each other.
import assert from 'node:assert/strict';
import type { AggregateRequests } from '../../../admin/platform-view.ts';
import { eventually } from '../../eventually.ts';
import { assertAccessible } from '../accessible.ts';
import { LOOKS, picture, type RunningConsole, VIEWER } from '../running-console.ts';

const REQUESTS = '/api/aggregates/default/edition/requests';

export function waterfalls(running: RunningConsole): void {
  const edition = () => running.admin<AggregateRequests>(REQUESTS);

  it('tells for each request of an Aggregate how long its parts took, and which made the answer late', async () => {
    // The first call starts the Function, which may take longer than an Aggregate waits.
    await running.send('GET', '/articles/7', undefined);
    await running.send('GET', '/editions/7', undefined);
    await running.send('GET', '/editions/8', undefined);
    await eventually(async () => (await edition()).counted === 2, 'both requests are known');
    const { newest, parts, process } = await edition();
    assert.equal(process.role, 'serve');
    assert.notEqual(process.host, '');
    const [request] = newest;
    assert.equal(request?.status, 200);
    assert.deepEqual(
      request?.parts.map(({ name, outcome, reason, waitsFor }) => [name, outcome, reason, waitsFor]),
      [
        ['story', 'ok', undefined, []],
        ['picture', 'ok', undefined, ['story']],
        ['ads', 'fallback', 'timeout', []],
        ['reprint', 'skipped', 'condition', ['story']],
      ],
    );
    const [story, picturePart, ads, reprint] = request?.parts ?? [];
    assert.ok(story?.tookMs !== undefined && picturePart?.beganMs !== undefined && ads?.tookMs !== undefined);
    assert.ok(picturePart.beganMs >= story.tookMs, 'the picture waits for the story');
    assert.ok((request?.tookMs ?? 0) >= ads.tookMs);
    const ends = request?.parts.map(({ beganMs = 0, tookMs = 0 }) => beganMs + tookMs) ?? [];
    assert.equal(request?.parts[ends.indexOf(Math.max(...ends))]?.critical, true, 'the last one makes it late');
    assert.equal(reprint?.beganMs, undefined);
    assert.deepEqual(
      parts.map(({ name, calls, failed }) => [name, calls, failed]),
      [
        ['story', 2, 0],
        ['picture', 2, 0],
        ['ads', 2, 2],
        ['reprint', 0, 0],
      ],
    );
    assert.doesNotMatch(JSON.stringify(await edition()), /editions|\/articles/, 'nothing of what they carried');
  });

  it('tells of an Aggregate that is not there as of any other thing', async () => {
    const answer = await running.admin<{ status: number }>('/api/aggregates/default/nobody/requests');
    assert.equal(answer.status, 404);
  });

  for (const look of LOOKS)
    it(`shows the parts of a request of an Aggregate as a waterfall, ${look}`, async () => {
      await running.send('GET', '/editions/9', undefined);
      const page = await running.open('resources/Aggregate/default/edition', look);
      const waterfall = page.getByRole('region', { name: 'Waterfall' });
      await waterfall.getByRole('heading', { name: 'The newest request', exact: true }).waitFor();
      const row = (name: string) => waterfall.getByRole('row').filter({ has: page.getByText(name, { exact: true }) });
      await row('ads').getByText('fallback', { exact: true }).waitFor();
      await waterfall.getByText('makes the answer late').first().waitFor();
      await row('picture').getByText('after story').waitFor();
      await row('reprint').getByText('not needed').waitFor();
      await page.getByText('These are requests of the serve process').waitFor();
      await assertAccessible(page);
      await picture(page, `aggregate-${look}`);
      await page.getByRole('link', { name: 'Show the slowest ones' }).click();
      await page.getByRole('heading', { name: 'The slowest requests of the last hour' }).waitFor();
      await page.locator('a[data-row]').last().click();
      await page.getByRole('heading', { name: 'One request' }).waitFor();
      await row('ads').getByText('fallback', { exact: true }).waitFor();
    });

  it('shows the parts of requests to somebody who may look and nothing else', async () => {
    const page = await running.fresh();
    await page.goto(`${running.platform.addresses.admin}/console/resources/Aggregate/default/edition`);
    await page.getByLabel('Token').fill(VIEWER);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'The newest request', exact: true }).waitFor();
  });
}
