// Appends for the endpoints while the log is slow, hangs and comes back.
import assert from 'node:assert/strict';
import { createAppender } from '../../../gateway/endpoints/appender.ts';
import { createIntake } from '../../../gateway/exchange/intake.ts';
import { createFakeWorld } from '../../fakes/fake-world.ts';

const record = { key: null, value: Buffer.from('x'), headers: {} };

describe('appender', () => {
  it('says that nothing is known when the log does not answer, and then refuses at once', async () => {
    const world = createFakeWorld();
    let asked = 0;
    const append = () => {
      asked++;
      return new Promise<never>(() => {});
    };
    const appender = createAppender(world, { append });
    const first = assert.rejects(appender.append('t', [record]), { code: 'log-unavailable', retryAfterSeconds: 1 });
    await world.pass(5_500);
    await first;
    await assert.rejects(appender.append('t', [record]), { code: 'log-unavailable' });
    assert.equal(asked, 1);
  });

  it('finds out once a second whether the log has come back', async () => {
    const world = createFakeWorld();
    let answers = false;
    const append = async () => {
      if (!answers) await new Promise(() => {});
      return [{ partition: 0, offset: 1 }];
    };
    const appender = createAppender(world, { append });
    const first = assert.rejects(appender.append('t', [record]));
    await world.pass(6_000);
    await first;
    answers = true;
    await world.pass(1_000);
    assert.deepEqual(await appender.append('t', [record]), [{ partition: 0, offset: 1 }]);
    assert.deepEqual(await appender.append('t', [record]), [{ partition: 0, offset: 1 }]);
  });

  it('refuses nothing for other topics while one hangs, nor for other partitions of it', async () => {
    const world = createFakeWorld();
    const append = async (topic: string, [first]: readonly { key: string | null }[]) => {
      if (topic === 'stuck' || first?.key === 'stuck') await new Promise(() => {});
      return [{ partition: 0, offset: 1 }];
    };
    const appender = createAppender(world, { append });
    for (let second = 0; second < 20; second++) {
      appender.append('stuck', [record]).catch(() => {});
      appender.append('orders', [{ ...record, key: 'stuck' }]).catch(() => {});
      await world.pass(700);
      assert.equal((await appender.append('orders', [record])).length, 1);
      await world.pass(300);
      assert.equal((await appender.append('clicks', [record])).length, 1);
    }
    // One may find out whether it still hangs.
    appender.append('stuck', [record]).catch(() => {});
    await assert.rejects(appender.append('stuck', [record]), { message: 'The event log does not answer.' });
  });

  it('is not disturbed by an answer that comes after it has given up', async () => {
    const world = createFakeWorld();
    let late = () => {};
    const append = () => new Promise<never>((_, reject) => (late = () => reject(new Error('late'))));
    const appender = createAppender(world, { append });
    const first = assert.rejects(appender.append('t', [record]), { code: 'log-unavailable' });
    await world.pass(6_000);
    await first;
    late();
    await world.pass(1_000);
  });
});

describe('intake', () => {
  it('takes as much as there is room for, and again what was given back', () => {
    const all = createIntake(100);
    const orders = all.of('topic default/orders');
    orders.take(60);
    assert.throws(() => orders.take(60), { code: 'overloaded', retryAfterSeconds: 1 });
    orders.give(60);
    orders.take(200);
    assert.equal(all.held, 200);
  });

  it('leaves room for other endpoints when one is flooded', () => {
    const all = createIntake(100);
    const flooded = all.of('topic default/clicks');
    assert.throws(() => {
      for (;;) flooded.take(1);
    });
    assert.equal(all.held, 75);
    all.of('topic default/orders').take(10);
  });
});
