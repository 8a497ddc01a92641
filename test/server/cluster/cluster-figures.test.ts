// The figures of a resource, put together of the consumers that work for it.
import assert from 'node:assert/strict';
import { figuresOf } from '../../../server/cluster/cluster-figures.ts';
import { fakeConsumer } from '../../fakes/consumer-report.ts';

const control = (consumers: ReturnType<typeof fakeConsumer>[]) => ({
  consumers: async () => consumers,
  views: async () => [],
  pipelines: async () => [],
});

describe('figures of resources', () => {
  it('are those of all its parts together', async () => {
    const parts = ['thumbs', 'thumbs/splits', 'thumbs/gathers'].map(name =>
      fakeConsumer(name, { kind: 'FanOut', lag: 2, deadLetters: 1 }),
    );
    const figures = await figuresOf(control([...parts, fakeConsumer('wall')]));
    assert.deepEqual(figures.get('FanOut/default/thumbs'), { lag: 6, parked: 3, dead: 3 });
    assert.deepEqual(figures.get('Subscription/default/wall'), { lag: 3, parked: 1, dead: 0 });
  });

  it('are left out while one is not known, and count no replay', async () => {
    const figures = await figuresOf(
      control([
        fakeConsumer('wall', { lag: undefined }),
        fakeConsumer('mail'),
        fakeConsumer('mail', { replayOf: 'mail' }),
      ]),
    );
    assert.deepEqual([...figures.keys()], ['Subscription/default/mail']);
    assert.equal(figures.get('Subscription/default/mail')?.lag, 3);
  });
});
