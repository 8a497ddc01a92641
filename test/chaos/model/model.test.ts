// Each part of the model finds what it is there to find.
import assert from 'node:assert/strict';
import { LIMIT } from '../site/application.ts';
import { createAttempts } from './attempts.ts';
import { createBudget } from './budget.ts';
import { createDeliveries } from './deliveries.ts';
import { createDisturbances } from './disturbances.ts';
import { isPoison } from './event.ts';
import { createFanOuts } from './fan-outs.ts';
import { createJobs } from './jobs.ts';

const event = (key: string, number: number) => JSON.stringify({ id: `${key}-${number}`, key, number });

/** Of one key, in the order of the log; each once, but for those that are there again. */
const topic = (...partitions: string[][]) => partitions.map(ids => ids.map(id => ({ id, key: 'k', name: id })));

function createSubject() {
  let now = 0;
  const disturbances = createDisturbances(() => now);
  const attempts = createAttempts(() => now, disturbances);
  const deliveries = createDeliveries({ now: () => now, disturbances, workMs: () => 0 });
  const differences = (ids: readonly string[], dead: readonly string[] = []) =>
    attempts.differences({
      partitions: topic([...ids]),
      dead: new Map(dead.map(id => [id, undefined])),
    });
  return {
    attempts,
    deliveries,
    disturbed: disturbances.disturbed,
    differences,
    at(ms: number) {
      now = ms;
    },
    bounded: (number: number, attempt?: string) =>
      attempts.handler(event('k', number), `k-${number}`, attempt === undefined ? {} : { 'tenfold-attempt': attempt }),
    deliver: (number: number, id = `k-${number}`) => deliveries.handler(event('k', number), id),
  };
}

describe('the model of chaos, about order', () => {
  it('notices what is out of order, what is missing and what comes again', () => {
    const { deliveries, deliver } = createSubject();
    for (const number of [1, 2, 3]) deliveries.acknowledged('k', number);
    const first = deliver(1);
    const second = deliver(2);
    first.done(true);
    deliver(1);
    assert.deepEqual(deliveries.outOfOrder(topic(['k-1', 'k-2', 'k-3'])), [
      'order: k-2 is attempted while k-1 is open',
      'lane: k-2 began while k-1 was under way',
      'again: k-1 was handled, which its caller was told, and is attempted again',
      'order: k-1 is attempted after k-2 of its key',
    ]);
    assert.equal(deliveries.repeats, 1);
    second.done(true);
    assert.deepEqual(deliveries.open(), ['k-3']);
    assert.deepEqual(deliveries.all(), ['k-1', 'k-2', 'k-3']);
  });

  it('judges the order of every attempt, not of the first alone', () => {
    const { differences, bounded } = createSubject();
    bounded(1).failed(true);
    bounded(2).failed(true);
    bounded(1).failed(true);
    // Both are dead in the end, so that the second may have begun when the first was given up; and
    // then that was tried again.
    assert.deepEqual(differences(['k-1', 'k-2'], ['k-1', 'k-2']), ['order: k-1 is attempted after k-2 of its key']);
  });

  it('lets events overtake each other only from one partition to another', () => {
    const { deliveries, deliver } = createSubject();
    for (const number of [1, 3]) deliver(number).done(true);
    const wrong = ['order: k-3 is attempted while k-2 is open'];
    assert.deepEqual(deliveries.outOfOrder(topic(['k-1', 'k-2'], ['k-3'])), []);
    assert.deepEqual(deliveries.outOfOrder(topic(['k-1'], ['k-2', 'k-3'])), wrong);
    // Appended twice by its producer.
    assert.deepEqual(deliveries.outOfOrder(topic(['k-1', 'k-2', 'k-3'], ['k-3', 'k-2'])), []);
    assert.deepEqual(deliveries.outOfOrder(topic(['k-1', 'k-2', 'k-3'], ['k-2', 'k-3'])), wrong);
  });

  it('lets whoever takes over begin again at what its predecessor had not committed', () => {
    const { deliveries, deliver, disturbed, at } = createSubject();
    const partitions = topic(['k-1', 'k-2']);
    for (const number of [1, 2]) deliver(number).done(true);
    const over = disturbed('repeated');
    for (const number of [1, 2]) deliver(number).done(true);
    assert.deepEqual(deliveries.outOfOrder(partitions), []);
    over();
    at(60_000);
    deliver(2).done(true);
    assert.deepEqual(deliveries.outOfOrder(partitions), []);
    at(61_000);
    deliver(1).done(true);
    assert.deepEqual(deliveries.outOfOrder(partitions), ['order: k-1 is attempted after k-2 of its key']);
  });

  it('takes what its caller cannot have heard of for open', () => {
    const { deliveries, deliver } = createSubject();
    deliver(1).done(false);
    deliver(2).done(true);
    assert.deepEqual(deliveries.outOfOrder(topic(['k-1', 'k-2'])), ['order: k-2 is attempted while k-1 is open']);
  });
});

describe('the model of chaos, about attempts', () => {
  it('notices an event that is tried too often, and takes what was broken meanwhile into account', () => {
    const { differences, bounded, disturbed, at } = createSubject();
    const fail = (times: number) => {
      for (let time = 0; time < times; time++) bounded(25).failed(true);
    };
    const tooMany = (ids = ['k-25']) => differences(ids, ['k-25']);
    fail(4);
    assert.deepEqual(tooMany(), []);
    const over = disturbed();
    fail(1);
    assert.deepEqual(tooMany(), []);
    over();
    at(60_000);
    bounded(50).failed(false);
    fail(1);
    assert.deepEqual(tooMany(), ['attempts: k-25 failed 6 times, 5 were allowed']);
    // Twice in the topic.
    assert.deepEqual(tooMany(['k-25', 'k-25']), []);
  });

  it('notices attempts that are not counted, and dead letters that say another number', () => {
    const { attempts, bounded } = createSubject();
    for (const attempt of ['1', '2', '2', '5']) bounded(25, attempt).failed(true);
    assert.deepEqual(attempts.differences({ partitions: topic(['k-25']), dead: new Map([['k-25', 3]]) }), [
      'k-25 is dead after 3 attempts of 4',
      'attempts: k-25: attempt 2, whose caller was told that 2 failed',
      'attempts: k-25: attempt 5 of 4',
    ]);
  });

  it('lets an attempt come again whose failure its caller may not have heard of, and no other', () => {
    const judged = (doubtful: boolean) => {
      const { attempts, bounded } = createSubject();
      for (const attempt of ['1', '2', '3', '3', '4']) {
        const work = bounded(25, attempt);
        work.failed(true);
        if (doubtful && attempt === '3') work.doubted?.();
      }
      return attempts.differences({ partitions: topic(['k-25']), dead: new Map([['k-25', 4]]) });
    };
    assert.deepEqual(judged(true), []);
    assert.deepEqual(judged(false), [
      'attempts: k-25: attempt 3, whose caller was told that 3 failed',
      'attempts: k-25 failed 5 times, 4 were allowed',
    ]);
  });

  it('says how much of it no fault excuses', () => {
    const { attempts, bounded, disturbed, at } = createSubject();
    const over = disturbed();
    bounded(1).done(true);
    over();
    at(19_000);
    bounded(2).done(true);
    assert.equal(attempts.strictShare(), 0);
    at(21_000);
    for (const number of [3, 4]) bounded(number).done(true);
    assert.equal(attempts.strictShare(), 0.5);
    // Tried again, much later, while something is broken.
    at(100_000);
    disturbed();
    bounded(4).done(true);
    assert.equal(attempts.strictShare(), 0.25);
  });
});

describe('the model of chaos, about dead letters', () => {
  it('notices dead letters that are missing, and such as were delivered', () => {
    const { differences, bounded } = createSubject();
    const acknowledged = ['k-1', 'k-2', 'k-3', 'k-4'];
    bounded(1).done(true);
    bounded(2).failed(true);
    bounded(3).done(false);
    assert.deepEqual(differences(acknowledged, ['k-2', 'k-3', 'k-4']), []);
    assert.deepEqual(differences(acknowledged, ['k-1']), [
      'k-4 was never tried',
      'k-1 is dead, and was delivered',
      'k-2 was not delivered, and is not among the dead letters (attempts: 1, between 0.0 and 0.0 s)',
      'k-3 was not delivered, and is not among the dead letters (attempts: 1, between 0.0 and 0.0 s)',
      'order: k-3 is attempted while k-2 is open',
    ]);
  });

  it('lets a worker that was superseded try once more, and forget no success', () => {
    const { differences, bounded, disturbed } = createSubject();
    disturbed('repeated');
    for (let time = 0; time < 5; time++) bounded(25).failed(true);
    assert.deepEqual(differences(['k-25'], ['k-25']), []);
    bounded(1).done(true);
    assert.deepEqual(differences(['k-1'], ['k-1']), ['k-1 is dead, and was delivered']);
  });

  it('lets what was delivered be dead where its caller closed the connection and asked nothing more', () => {
    const { differences, bounded } = createSubject();
    for (const number of [1, 2]) {
      const work = bounded(number);
      work.done(true);
      if (number === 2) work.doubted?.();
    }
    assert.deepEqual(differences(['k-1', 'k-2'], ['k-1', 'k-2']), ['k-1 is dead, and was delivered']);
    assert.deepEqual(differences(['k-1', 'k-2']), []);
  });

  it('lets what was delivered be dead where its caller may have heard of it too late', () => {
    const { differences, bounded, disturbed, at } = createSubject();
    bounded(1).done(true);
    const over = disturbed();
    assert.deepEqual(differences(['k-1'], ['k-1']), []);
    over();
    at(60_000);
    bounded(1).done(true);
    assert.deepEqual(differences(['k-1'], ['k-1']), ['k-1 is dead, and was delivered']);
    // One of two copies.
    assert.deepEqual(differences(['k-1', 'k-1'], ['k-1']), []);
  });
});

describe('the model of chaos, about targets and ends', () => {
  it('poisons all keys at the same time', () => {
    assert.deepEqual(
      [24, 25, 26, 50].map(number => isPoison({ number })),
      [false, true, false, true],
    );
  });

  it('believes the last attempt, also where one that was given up ends after it', () => {
    const { differences, bounded } = createSubject();
    const late = bounded(1);
    bounded(1).done(true);
    late.done(false);
    assert.deepEqual(differences(['k-1']), []);
    bounded(2).failed(true);
    const later = bounded(2);
    bounded(2).failed(true);
    later.done('perhaps');
    assert.deepEqual(differences(['k-1', 'k-2'], ['k-2']), []);
  });

  it('notices one call more than the limit', () => {
    const model = createBudget(() => 0);
    const ends = Array.from({ length: LIMIT }, (_, index) => model.begins(`job ${index}`));
    ends[0]?.ends();
    const eighth = model.begins('job 8');
    assert.deepEqual(model.wrong, []);
    eighth.left();
    model.begins('job 9');
    assert.match(
      model.wrong[0] ?? '',
      /^4 calls at a time, 3 are allowed: .*job 8 since 0.0 s \(left by its caller at 0.0 s\), job 9/,
    );
  });

  it('notices a job that has another end, or another result', () => {
    const model = createJobs(createBudget(() => 0));
    for (const number of [1, 2, 3]) model.accepted(number, `/jobs/${number}`);
    model.handler('{"job": 1}', '').done(true);
    model.seen(1, 'succeeded', { twice: 2 });
    assert.deepEqual(model.wrong, []);
    model.seen(1, 'failed', undefined);
    model.seen(2, 'succeeded', { twice: 4 });
    assert.deepEqual(
      model.open().map(({ number }) => number),
      [3],
    );
    assert.deepEqual(model.wrong, [
      'job 1 was succeeded, and is failed',
      'job 1 is failed with undefined',
      'job 2 is succeeded with {"twice":4}',
    ]);
  });

  it('notices a fan-out that ends twice, or with other parts than it had', () => {
    const model = createFanOuts();
    for (const name of ['one', 'two']) model.accepted({ id: name, name, parts: 1, path: '' });
    model.part('{"name": "one", "part": 0}', '').done(true);
    const end = (id: string, name: string, found: number[]) =>
      model.ended({ id, data: { id: name, state: 'succeeded', result: { body: { found } } } });
    end('e1', 'one', [0]);
    end('e1', 'one', [0]);
    assert.deepEqual(model.wrong, []);
    model.seen('one', 'succeeded');
    const open = () => model.open().map(({ name }) => name);
    assert.deepEqual(open(), ['two']);
    end('e2', 'one', [0]);
    end('e3', 'two', [0, 0]);
    assert.equal(model.wrong.length, 2);
    assert.match(model.wrong[0] ?? '', /one ended 2 times: e1, e2/);
    assert.match(model.wrong[1] ?? '', /two \(1 parts, 0 worked\)/);
  });
});
