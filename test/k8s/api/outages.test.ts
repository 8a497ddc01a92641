// An API server that is away: told once, however many notice, and whoever waits tries again as soon
// as one of them is answered.
import assert from 'node:assert/strict';
import { createOutages } from '../../../k8s/api/outages.ts';
import { createFakeWorld } from '../../fakes/fake-world.ts';

function start() {
  const world = createFakeWorld();
  const lines: string[] = [];
  const outages = createOutages((level, message) => void lines.push(`${level} ${message}`));
  const pause = (who = 'functions') => {
    let over = false;
    void outages.pause(who, world, 10_000, new AbortController().signal).then(() => {
      over = true;
    });
    return () => over;
  };
  return { world, lines, outages, pause };
}

describe('an outage of the API server', () => {
  it('is told once when it begins and once when it ends', () => {
    const { lines, outages } = start();
    for (const who of ['topics', 'functions', 'topics']) outages.failed(who, new Error('refused'));
    assert.equal(outages.reason, 'refused');
    outages.recovered('topics');
    assert.equal(outages.reason, 'refused');
    outages.recovered('functions');
    assert.equal(outages.reason, undefined);
    assert.deepEqual(lines, ['warn the cluster cannot be followed', 'info the cluster is followed again']);
  });

  it('is over for all who wait as soon as one is answered, one that was never told of among them', async () => {
    const { world, lines, outages, pause } = start();
    outages.failed('functions', new Error('refused'));
    const over = pause();
    await world.pass(1000);
    assert.equal(over(), false);
    outages.recovered('topics');
    await world.pass(0);
    assert.equal(over(), true);
    assert.equal(outages.reason, 'refused');
    assert.equal(lines.length, 1);
  });

  it('is one and the same while somebody waits who was not told of', async () => {
    const { world, lines, outages, pause } = start();
    outages.failed('functions', new Error('refused'));
    pause('views');
    outages.recovered('functions');
    await world.pass(0);
    outages.failed('views', new Error('not served yet'));
    assert.equal(lines.length, 1);
    outages.recovered('views');
    assert.deepEqual(lines, ['warn the cluster cannot be followed', 'info the cluster is followed again']);
  });

  it('is waited for no longer than was asked for', async () => {
    const { world, pause } = start();
    const over = pause();
    await world.pass(10_000);
    assert.equal(over(), true);
  });
});
