// Readers of the stream of changes that are slow or break off have the newest state in the end, and
// the process keeps nothing for them.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { eventually } from '../../eventually.ts';
import { consumerOf, kindsOf, LOOK_MS, liveReaders } from './live-readers.ts';

describe('slow readers of the stream of changes', () => {
  const readers = liveReaders();

  it('sends a slow reader the newest state, however many changes it missed', async () => {
    const count = 1_000;
    const make = (lag: number) => Array.from({ length: count }, (_, at) => consumerOf('green', `c${at}`, lag));
    readers.platform.consumers = make(0);
    const reader = await readers.begin();
    const { resolve, promise } = Promise.withResolvers<void>();
    reader.hold = promise;
    // Some 100,000 changes, of more than 40 MB.
    const rounds = 100;
    for (let lag = 1; lag <= rounds; lag++) {
      readers.platform.consumers = make(lag);
      await readers.platform.world.pass(LOOK_MS);
    }
    resolve();
    await eventually(
      () => [...reader.state.values()].filter(text => text.includes(`"lag":${rounds}`)).length === count,
      'the newest state',
    );
    assert.ok(reader.bytes < 20_000_000, `${reader.bytes} bytes were kept for it`);
  });

  it('brings a new reader to the end in steps, also after names of what is gone were forgotten', async () => {
    const stays = Array.from({ length: 1_000 }, (_, at) => consumerOf('green', `c${at}`));
    readers.platform.consumers = stays;
    await readers.begin();
    for (let round = 0; round < 30; round++) {
      const passing = Array.from({ length: 100 }, (_, at) => consumerOf('green', `${round}-${at}`));
      readers.platform.consumers = [...stays, ...passing];
      await readers.platform.world.pass(LOOK_MS);
    }
    assert.ok(readers.platform.live.state.forgotten > stays.length);
    // Its connection takes a few of the events, and then asks for the next ones.
    const reader = await readers.follow();
    await eventually(() => kindsOf(reader).includes('synced') || kindsOf(reader).includes('reset'), 'the state');
    assert.ok(!kindsOf(reader).includes('reset'));
    assert.equal(reader.state.size, stays.length + 100 + 3);
  });

  it('cuts off a reader that takes nothing for minutes', async () => {
    const reader = await readers.begin();
    const { resolve, promise } = Promise.withResolvers<void>();
    reader.hold = promise;
    for (let lag = 1; lag <= 40; lag++) {
      readers.platform.consumers = Array.from({ length: 1_000 }, (_, at) => consumerOf('green', `c${at}`, lag));
      await readers.platform.world.pass(LOOK_MS);
    }
    await readers.platform.world.pass(150_000);
    resolve();
    await eventually(() => reader.isOver, 'its end');
  });

  it('brings each reader to the state of the lists, however often it breaks (property)', async () => {
    const step = fc.record({
      consumers: fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), fc.nat(3), { maxKeys: 4 }),
      breaks: fc.boolean(),
      ms: fc.constantFrom(0, LOOK_MS, 4 * LOOK_MS),
    });
    const set = (found: Readonly<Record<string, number>>) => {
      readers.platform.consumers = Object.entries(found).map(([name, lag]) => consumerOf('green', name, lag));
    };
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 8 }), async steps => {
        let reader = await readers.begin('?what=consumer');
        for (const { consumers, breaks, ms } of steps) {
          set(consumers);
          await readers.platform.world.pass(ms);
          if (breaks) reader = await readers.again(reader, '?what=consumer');
        }
        await readers.platform.world.pass(4 * LOOK_MS);
        const expected = readers.platform.consumers.map(({ name, lag }) => `${name} ${lag}`).sort();
        const seen = () =>
          [...reader.state.values()]
            .map(text => JSON.parse(text))
            .map(({ name, lag }) => `${name} ${lag}`)
            .sort();
        await eventually(
          () => JSON.stringify(seen()) === JSON.stringify(expected),
          () => `${seen()} is not ${expected}`,
        );
        reader.close();
      }),
      { numRuns: 40 },
    );
  });
});
