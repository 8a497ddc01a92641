// The function tells the page and the device of a click, and clicks are the same each time.
import assert from 'node:assert/strict';
import { deliver } from 'tenfold/testing';
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
    assert.equal(enrich({ ...click, agent: 'Mozilla/5.0 (X11)' }).device, 'desktop');
    assert.deepEqual(enrich({ ...click, page: '/gone' }).section, 'unknown');
  });

  it('answers the pipeline with that', async () => {
    const [event = assert.fail()] = [...clicks(NOW, 1)];
    assert.deepEqual((await deliver(enrichFunction, { ...event })).body, enrich(event.data));
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
