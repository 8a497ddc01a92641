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
    const intake = createIntake(100);
    intake.take(60);
    assert.throws(() => intake.take(60), { code: 'overloaded', retryAfterSeconds: 1 });
    intake.give(60);
    intake.take(200);
    assert.equal(intake.held, 200);
  });
});
