// The judge finds each promise that planted evidence breaks, and nothing where an owner began anew,
// a copy came or nobody can say.
import assert from 'node:assert/strict';
import { judgeEnds } from './ends.ts';
import { Judge } from './judge.ts';
import { type Answered, type Judged, type JudgedCall, neverTried, type Perhaps } from './judged.ts';

interface Planted extends Judged {
  lives: number;
  over: boolean;
}

const ATTEMPTS = 3;

/** `k1`, `k2`, … are events of one key; a call takes one moment. */
function watch(seesAll = true) {
  const broken: string[] = [];
  let owners = 0;
  const judge = new Judge<Planted>({
    attempts: ATTEMPTS,
    seesAll,
    witness: {
      isOver: ({ over }) => over,
      moment: () => owners,
      takeOvers: (_, since) => owners - since,
      lives: ({ lives }) => lives,
    },
    report: ({ message }) => void broken.push(message),
  });
  const events = new Map<string, Planted>();
  const add = (name: string, at: number, lane = 'k') => {
    const event = events.get(name) ?? { ...neverTried(), name, lives: 1, over: false };
    events.set(name, event);
    judge.appended(event, judge.laneOf(lane), at);
    return event;
  };
  for (const at of [1, 2, 3]) add(`k${at}`, at);
  const of = (name: string) => events.get(name) ?? add(name, 9);
  const begins = (name: string, attempt?: number, by = 'a', waits: Perhaps = true) =>
    judge.begins(of(name), { by, attempt, waits: () => waits });
  const ends = (call: JudgedCall<Planted>, outcome: Answered['outcome'], told: Perhaps = true) =>
    judge.ended(call, { outcome, told, counts: told });
  return {
    broken,
    add,
    begins,
    ends,
    of,
    lost: (call: JudgedCall<Planted>) => judge.lost(call),
    isClosed: (name: string) => judge.isClosed(of(name)),
    call: (name: string, outcome: Answered['outcome'] = 'done', attempt?: number, by?: string) =>
      ends(begins(name, attempt, by), outcome),
    newOwner: () => void owners++,
  };
}

describe('the judge of deliveries', () => {
  it('has nothing to say of what is right', () => {
    const { broken, call, of } = watch();
    call('k1', 'failed', 1);
    call('k1', 'later', 2);
    call('k1', 'done', 2);
    for (const attempt of [1, 2, 3]) call('k2', 'failed', attempt);
    of('k2').over = true;
    call('k3', 'done', 1);
    assert.deepEqual(broken, []);
  });

  describe('order', () => {
    it('finds an attempt while an earlier event is open, the first and each other', () => {
      const { broken, call } = watch();
      call('k1', 'failed', 1);
      call('k2', 'failed', 1);
      call('k2', 'done', 2);
      assert.deepEqual(broken, [
        'order: k2 is attempted by a while k1 is open',
        'order: k2 is attempted by a while k1 is open',
      ]);
    });

    it('finds a retry after a later event of its key, which its caller had taken for given up', () => {
      const { broken, call, of } = watch();
      call('k1', 'failed', 1);
      of('k1').over = true;
      call('k2', 'done', 1);
      call('k1', 'done', 2);
      assert.deepEqual(broken, ['order: k1 is attempted by a after k2 of its key']);
    });

    it('lets another owner go back, and then only forward', () => {
      const { broken, call, newOwner } = watch();
      for (const name of ['k1', 'k2', 'k3']) call(name);
      newOwner();
      for (const name of ['k1', 'k2', 'k3']) call(name, 'done', 1, 'b');
      assert.deepEqual(broken, []);
      call('k2', 'done', 1, 'b');
      assert.deepEqual(broken, [
        'again: k2 was handled, which its caller was told, and is attempted again by b',
        'order: k2 is attempted by b after k3 of its key',
      ]);
    });

    it('lets what a person brought back, and copies, come later', () => {
      const { broken, call, of, add } = watch();
      call('k1', 'failed', 1);
      of('k1').over = true;
      call('k2');
      of('k1').lives = 2;
      call('k1');
      add('k2', 8);
      of('k2').lives = 2;
      call('k2');
      assert.deepEqual(broken, []);
    });

    it('goes by the first copy of what is before, in the place of a copy that is the earliest', () => {
      const { broken, call, add } = watch();
      add('k1', 7);
      call('k2');
      assert.deepEqual(broken, ['order: k2 is attempted by a while k1 is open']);
      add('k3', 0, 'another partition');
      call('k3');
      assert.equal(broken.length, 1);
    });

    it('knows the order of the log also where it learns of an event late', () => {
      const { broken, call, add } = watch();
      call('k1');
      call('k2');
      add('k1a', 1.5);
      call('k3');
      assert.deepEqual(broken, ['order: k3 is attempted by a while k1a is open']);
    });

    it('takes what nobody heard of for open', () => {
      const { begins, ends, isClosed } = watch();
      ends(begins('k1'), 'done', false);
      assert.equal(isClosed('k1'), false);
      ends(begins('k1'), 'done', 'perhaps');
      assert.equal(isClosed('k1'), true);
    });
  });
});

describe('the judge of attempts', () => {
  describe('attempts', () => {
    it('finds one after its caller was told that the event was handled, or refused for good', () => {
      const { broken, call } = watch();
      call('k1');
      call('k1');
      call('k2', 'refused');
      call('k2');
      assert.deepEqual(broken, [
        'again: k1 was handled, which its caller was told, and is attempted again by a',
        'refused: k2 was refused for good and is attempted again by a',
      ]);
    });

    it('finds one too many, by its number and by count', () => {
      const { broken, call } = watch();
      for (const attempt of [1, 2, 3, 4]) call('k1', 'failed', attempt);
      assert.deepEqual(broken, ['attempts: k1: attempt 4 of 3', 'attempts: k1 failed 4 times, 3 were allowed']);
    });

    it('allows one more for each owner, and a whole budget for each life', () => {
      const { broken, call, newOwner, of } = watch(false);
      for (const _ of [1, 2, 3]) call('k1', 'failed');
      newOwner();
      call('k1', 'failed');
      assert.deepEqual(broken, []);
      call('k1', 'failed');
      assert.deepEqual(broken, ['attempts: k1 failed 5 times, 4 were allowed']);
      of('k1').lives = 2;
      call('k1', 'failed');
      assert.equal(broken.length, 1);
    });

    it('finds a number that counts what never was, and one that forgets what was', () => {
      const { broken, call } = watch();
      call('k1', 'failed', 2);
      call('k1', 'failed', 2);
      assert.deepEqual(broken, [
        'attempts: k1: attempt 2, and 0 were delivered and failed',
        'attempts: k1: attempt 2 by a, whose caller was told that 2 failed',
      ]);
    });

    it('takes a failure that its caller may not have heard of for one that it need not count', () => {
      const { broken, begins, ends, call } = watch();
      for (const attempt of [1, 2, 3, 3]) ends(begins('k1', attempt), 'failed', 'perhaps');
      assert.deepEqual(broken, []);
      call('k1', 'failed', 3);
      call('k1', 'failed', 3);
      assert.deepEqual(broken, ['attempts: k1: attempt 3 by a, whose caller was told that 3 failed']);
    });

    it('counts no pause', () => {
      const { broken, call } = watch();
      for (const _ of [1, 2, 3, 4, 5]) call('k1', 'later', 1);
      assert.deepEqual(broken, []);
    });
  });

  describe('one of a key at a time', () => {
    it('finds two, also of the same event', () => {
      const { broken, begins } = watch();
      begins('k1');
      begins('k1');
      assert.deepEqual(broken, ['lane: k1 begins by a while k1 is under way']);
    });

    it('lets go of a call that nobody waits for, and of those of another owner', () => {
      const { broken, begins, lost } = watch();
      lost(begins('k1'));
      begins('k1');
      begins('k1', undefined, 'b');
      assert.deepEqual(broken, []);
    });

    it('waits for the end of the first where nobody can say whether its caller still waits', () => {
      const { broken, begins, ends, newOwner } = watch();
      const heard = begins('k1', 1, '', 'perhaps');
      const unheard = begins('k1', 1, '', 'perhaps');
      begins('k1', 1, '', 'perhaps');
      ends(unheard, 'failed', false);
      assert.deepEqual(broken, []);
      ends(heard, 'failed');
      assert.deepEqual(broken, ['lane: k1 began while k1 was under way', 'lane: k1 began while k1 was under way']);
      newOwner();
      const last = begins('k1', 2, '', 'perhaps');
      newOwner();
      begins('k1', 2, '', 'perhaps');
      ends(last, 'failed');
      assert.equal(broken.length, 2);
    });
  });
});

describe('the judge of ends', () => {
  describe('the end', () => {
    const planted = (name: string, some: Partial<Planted>): Planted => ({
      ...neverTried(),
      name,
      lives: 1,
      over: false,
      attempts: 1,
      ...some,
    });
    const last = (succeeded: Perhaps, began = 5) => ({ number: 1, began, succeeded });
    const judged = (event: Planted, dead?: { attempts?: number }) =>
      judgeEnds([event], {
        attempts: ATTEMPTS,
        dead: () => dead,
        mayForget: (_, began) => began > 10,
        lives: ({ lives }) => lives,
      });

    it('finds what was never tried, and what was neither handled nor given up', () => {
      assert.deepEqual(judged(planted('k1', { attempts: 0 })), ['k1 was never tried']);
      assert.deepEqual(judged(planted('k1', { last: last(false) })), [
        'k1 was not delivered, and is not among the dead letters',
      ]);
      assert.deepEqual(judged(planted('k1', { last: last(false) }), {}), []);
      assert.deepEqual(judged(planted('k1', { last: last('perhaps') })), []);
    });

    it('finds what is dead though it was handled, where nobody can have forgotten that', () => {
      assert.deepEqual(judged(planted('k1', { last: last(true) }), {}), ['k1 is dead, and was delivered']);
      assert.deepEqual(judged(planted('k1', { last: last('perhaps') }), {}), []);
      assert.deepEqual(judged(planted('k1', { last: last(true, 11) }), {}), []);
      assert.deepEqual(judged(planted('k1', { last: last(true), lives: 2 }), {}), []);
    });

    it('finds a dead letter after another number of attempts', () => {
      const event = planted('k1', { last: last(false) });
      assert.deepEqual(judged(event, { attempts: ATTEMPTS }), []);
      assert.deepEqual(judged(event, { attempts: 2 }), ['k1 is dead after 2 attempts of 3']);
    });
  });
});
