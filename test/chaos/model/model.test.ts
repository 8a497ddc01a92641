// Each part of the model finds what it is there to find.
import assert from 'node:assert/strict';
import { Chance } from '../../simulation/kernel/chance.ts';
import { faultKinds, shuffled } from '../faults/all.ts';
import { LIMIT } from '../site/application.ts';
import { createAttempts } from './attempts.ts';
import { createBudget } from './budget.ts';
import { createDeliveries } from './deliveries.ts';
import { isPoison } from './event.ts';
import { createFanOuts } from './fan-outs.ts';
import { createJobs } from './jobs.ts';

const event = (key: string, number: number) => JSON.stringify({ id: `${key}-${number}`, key, number });

describe('the model of chaos', () => {
  it('notices what is out of order, what is missing and what comes again', () => {
    const model = createDeliveries(() => 0);
    for (const number of [1, 2, 3]) model.acknowledged('k', number);
    const first = model.handler(event('k', 1), '');
    const second = model.handler(event('k', 2), '');
    first.done(true);
    assert.deepEqual(model.outOfOrder([['k-1', 'k-2', 'k-3']]), ['k-2 began while k-1 was open']);
    model.handler(event('k', 1), '');
    assert.equal(model.repeats, 1);
    second.done(true);
    assert.deepEqual(model.open(), ['k-3']);
    assert.deepEqual(model.all(), ['k-1', 'k-2', 'k-3']);
  });

  it('lets events overtake each other only from one partition to another', () => {
    const model = createDeliveries(() => 0);
    for (const number of [1, 3]) model.handler(event('k', number), '');
    const wrong = ['k-3 began while k-2 was open'];
    assert.deepEqual(model.outOfOrder([['k-1', 'k-2'], ['k-3']]), []);
    assert.deepEqual(model.outOfOrder([['k-1'], ['k-2', 'k-3']]), wrong);
    // Appended twice, as their publisher had no answer.
    assert.deepEqual(
      model.outOfOrder([
        ['k-1', 'k-2', 'k-3'],
        ['k-3', 'k-2'],
      ]),
      [],
    );
    assert.deepEqual(
      model.outOfOrder([
        ['k-1', 'k-2', 'k-3'],
        ['k-2', 'k-3'],
      ]),
      wrong,
    );
  });

  it('notices an event that is tried too often, and takes what was broken meanwhile into account', () => {
    let now = 0;
    const model = createAttempts(() => now);
    const fail = (times: number) => {
      for (let time = 0; time < times; time++) model.handler(event('k', 25), 'k-25').failed(true);
    };
    fail(4);
    assert.deepEqual(model.tooMany(['k-25']), []);
    fail(1);
    assert.deepEqual(model.tooMany(['k-25']), ['k-25 failed 5 times, 4 were allowed']);
    const over = model.disturbed();
    assert.deepEqual(model.tooMany(['k-25']), []);
    over();
    now = 60_000;
    model.handler(event('k', 50), 'k-50').failed(false);
    fail(1);
    assert.deepEqual(model.tooMany(['k-25']), ['k-25 failed 6 times, 5 were allowed']);
    // Twice in the topic.
    assert.deepEqual(model.tooMany(['k-25', 'k-25']), []);
  });

  it('says how much of it no fault excuses', () => {
    let now = 0;
    const model = createAttempts(() => now);
    const over = model.disturbed();
    model.handler(event('k', 1), 'k-1').done(true);
    over();
    now = 19_000;
    model.handler(event('k', 2), 'k-2').done(true);
    assert.equal(model.strictShare(), 0);
    now = 21_000;
    for (const number of [3, 4]) model.handler(event('k', number), `k-${number}`).done(true);
    assert.equal(model.strictShare(), 0.5);
    // Tried again, much later, while something is broken.
    now = 100_000;
    model.disturbed();
    model.handler(event('k', 4), 'k-4').done(true);
    assert.equal(model.strictShare(), 0.25);
  });

  it('notices dead letters that are missing, and such as were delivered', () => {
    const model = createAttempts(() => 0);
    const acknowledged = ['k-1', 'k-2', 'k-3', 'k-4'];
    model.handler(event('k', 1), 'k-1').done(true);
    model.handler(event('k', 2), 'k-2').failed(true);
    model.handler(event('k', 3), 'k-3').done(false);
    assert.deepEqual(model.differences(acknowledged, ['k-2', 'k-3', 'k-4']), []);
    assert.deepEqual(model.differences(acknowledged, ['k-1']), [
      'k-4 was never tried',
      'k-1 is dead, and was delivered',
      'k-2 was not delivered, and is not among the dead letters (attempts: 1, between 0.0 and 0.0 s)',
      'k-3 was not delivered, and is not among the dead letters (attempts: 1, between 0.0 and 0.0 s)',
    ]);
  });

  it('lets a worker that was superseded try once more, and forget no success', () => {
    const model = createAttempts(() => 0);
    model.disturbed('repeated');
    for (let time = 0; time < 5; time++) model.handler(event('k', 25), 'k-25').failed(true);
    assert.deepEqual(model.tooMany(['k-25']), []);
    model.handler(event('k', 1), 'k-1').done(true);
    assert.deepEqual(model.differences(['k-1'], ['k-1']), ['k-1 is dead, and was delivered']);
  });

  it('lets what was delivered be dead where its caller closed the connection and asked nothing more', () => {
    const model = createAttempts(() => 0);
    for (const number of [1, 2]) {
      const work = model.handler(event('k', number), `k-${number}`);
      work.done(true);
      if (number === 2) work.doubted?.();
    }
    assert.deepEqual(model.differences(['k-1', 'k-2'], ['k-1', 'k-2']), ['k-1 is dead, and was delivered']);
    assert.deepEqual(model.differences(['k-1', 'k-2'], []), []);
  });

  it('lets what was delivered be dead where its caller may have heard of it too late', () => {
    let now = 0;
    const model = createAttempts(() => now);
    model.handler(event('k', 1), 'k-1').done(true);
    const over = model.disturbed();
    assert.deepEqual(model.differences(['k-1'], ['k-1']), []);
    over();
    now = 60_000;
    model.handler(event('k', 1), 'k-1').done(true);
    assert.deepEqual(model.differences(['k-1'], ['k-1']), ['k-1 is dead, and was delivered']);
    // One of two copies.
    assert.deepEqual(model.differences(['k-1', 'k-1'], ['k-1']), []);
  });

  it('poisons all keys at the same time', () => {
    assert.deepEqual(
      [24, 25, 26, 50].map(number => isPoison({ number })),
      [false, true, false, true],
    );
  });

  it('believes the last attempt, also where one that was given up ends after it', () => {
    const model = createAttempts(() => 0);
    const late = model.handler(event('k', 1), 'k-1');
    model.handler(event('k', 1), 'k-1').done(true);
    late.done(false);
    assert.deepEqual(model.differences(['k-1'], []), []);
    model.handler(event('k', 1), 'k-1').failed(true);
    late.done(true);
    assert.deepEqual(model.differences(['k-1'], ['k-1']), []);
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

describe('the faults of chaos', () => {
  it('all come in a round, in an order that the seed decides', () => {
    const take = (seed: number) => shuffled(faultKinds, new Chance(seed)).map(({ name }) => name);
    assert.deepEqual(take(1).sort(), faultKinds.map(({ name }) => name).sort());
    assert.deepEqual(take(1), take(1));
    assert.notDeepEqual(take(1), take(2));
  });
});
