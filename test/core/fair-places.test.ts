// Places that parties share: never more than there are, none idle that somebody may have, and a
// turn for each party whatever the others do.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { FairPlaces } from '../../core/fair-places.ts';
import { realWorld } from '../../core/world.ts';
import { createFakeWorld } from '../fakes/fake-world.ts';

const NEVER = new AbortController().signal;
const common = { world: realWorld, waitMs: 60_000, what: 'queries' };
const settled = () => new Promise<void>(resolve => setImmediate(resolve));

describe('places that parties share', () => {
  it('leave one for others, however many of one party wait', async () => {
    const places = new FairPlaces({ ...common, places: 2, waiting: 10 });
    const began: string[] = [];
    const take = (party: string) =>
      places.take(party, 1, NEVER).then(end => {
        began.push(party);
        return end;
      });
    const first = take('a');
    for (let n = 0; n < 5; n++) void take('a');
    await settled();
    assert.deepEqual(began, ['a']);
    const [other] = [take('b')];
    await settled();
    assert.deepEqual(began, ['a', 'b'], 'b waits for nobody');
    void take('c');
    (await first)();
    await settled();
    assert.deepEqual(began, ['a', 'b', 'c'], 'c comes before those of a that came earlier');
    (await other)();
    await settled();
    assert.deepEqual(began, ['a', 'b', 'c', 'a']);
  });

  it('refuse one more than may wait, of that party alone', async () => {
    const places = new FairPlaces({ ...common, places: 1, waiting: 1 });
    const end = await places.take('a', 1, NEVER);
    const waits = places.take('a', 1, NEVER);
    await assert.rejects(places.take('a', 1, NEVER), { code: 'overloaded' });
    const other = places.take('b', 1, NEVER);
    end();
    (await other)();
    (await waits)();
  });

  it('refuse who has waited too long, and nobody behind', async () => {
    const world = createFakeWorld();
    const places = new FairPlaces({ ...common, world, places: 1, waiting: 10 });
    const end = await places.take('a', 1, NEVER);
    const late = assert.rejects(places.take('a', 1, NEVER), { code: 'overloaded', message: /60 s/ });
    await world.pass(30_000);
    const next = places.take('a', 1, NEVER);
    await world.pass(30_000);
    await late;
    end();
    (await next)();
    await world.pass(60_000);
    (await places.take('a', 1, NEVER))();
  });

  it('are never too many, never idle, and all come back', async () => {
    const step = fc.record({
      party: fc.constantFrom('a', 'b', 'c'),
      how: fc.constantFrom('take', 'take', 'end', 'leave'),
      n: fc.nat(),
    });
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 4 }), fc.array(step, { maxLength: 60 }), async (count, steps) => {
        const most = Math.max(1, count - 1);
        const places = new FairPlaces({ ...common, places: count, waiting: 100 });
        const running: { party: string; end: () => void }[] = [];
        const waiting: { party: string; leave: AbortController }[] = [];
        const check = async () => {
          await settled();
          assert.ok(running.length <= count);
          for (const party of ['a', 'b', 'c']) {
            const has = running.filter(one => one.party === party).length;
            assert.ok(has <= most);
            const waits = waiting.some(one => one.party === party);
            assert.ok(!waits || has === most || running.length === count, `${party} waits beside an idle place`);
          }
        };
        const endOne = (n: number) => running.splice(n % Math.max(1, running.length), 1)[0]?.end();
        for (const { party, how, n } of steps) {
          if (how === 'end') endOne(n);
          else if (how === 'leave') waiting[n % Math.max(1, waiting.length)]?.leave.abort();
          else {
            const one = { party, leave: new AbortController() };
            waiting.push(one);
            const gone = () => void waiting.splice(waiting.indexOf(one), 1);
            places.take(party, most, one.leave.signal).then(end => {
              gone();
              running.push({ party, end });
            }, gone);
          }
          await check();
        }
        for (let left = 1_000; running.length > 0 && left > 0; left--) {
          endOne(0);
          await check();
        }
        assert.deepEqual([running.length, waiting.length], [0, 0]);
      }),
    );
  });
});
