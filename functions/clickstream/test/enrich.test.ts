// What is said of a click, and that clicks are the same each time.
import assert from 'node:assert/strict';
import { createTestContext, deliverBatch } from 'tenfold/testing';
import { CLICKS, clicks, lateClicks } from '../data/clicks.ts';
import enrichFunction, { enrich } from '../enrich.ts';

const NOW = Date.UTC(2026, 10, 25, 12);
const click = { page: '/coffee/grinders', user: 'ada', ms: 12, agent: 'Mozilla/5.0 (iPhone) Mobile' };

describe('enriching', () => {
  it('says what is known of the page and the device', () => {
    assert.deepEqual(enrich(click), {
      page: '/coffee/grinders',
      user: 'ada',
      ms: 12,
      title: 'Six grinders compared',
      section: 'coffee',
      device: 'phone',
    });
    assert.equal(enrich({ ...click, agent: 'Crawler/2.1 (bot)' }).device, 'bot');
    assert.equal(enrich({ ...click, agent: 'Mozilla/5.0 (X11)' }).device, 'desktop');
    assert.deepEqual(enrich({ ...click, page: '/gone' }).section, 'unknown');
  });

  it('tells it under the id and the time of the click', async () => {
    const context = createTestContext();
    const [event] = [...clicks(NOW, 1)];
    assert.ok(event);
    await deliverBatch(enrichFunction, [{ ...event }], context);
    const [{ topic, event: told } = assert.fail()] = context.published;
    assert.deepEqual([topic, told.id, told.time, told.source], ['clicks', event.id, event.time, '/magazine']);
    assert.deepEqual(told.data, enrich(event.data));
  });
});

describe('the clicks', () => {
  it('are the same each time, under ids of their own', () => {
    assert.deepEqual([...clicks(NOW)], [...clicks(NOW)]);
    const all = [...clicks(NOW), ...lateClicks(NOW)];
    assert.equal(new Set(all.map(({ id }) => id)).size, all.length);
    assert.equal([...clicks(NOW)].length, CLICKS);
  });

  it('come out of order by a minute at most', () => {
    let newest = 0;
    let older = 0;
    for (const { time } of clicks(NOW)) {
      const ms = Date.parse(time);
      assert.ok(ms > newest - 65_000);
      if (ms < newest) older++;
      newest = Math.max(newest, ms);
    }
    assert.ok(older > 100, `${older} are out of order`);
  });
});
