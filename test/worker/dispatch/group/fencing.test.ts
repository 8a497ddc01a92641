// Owners that come too late, go too early, or never learn that they are owners no more: nothing is
// lost, and no key goes backwards.
// Key to the traces: `a1` is the first event with the key `a`; `'a1 b1 a2'` are three events,
// published or attempted in this order.
// `a1!` is an attempt that did not handle its event: it failed, or nobody saw its end.
// `jumps 4-8`: the reader goes on at offset 8, as the events from 4 on are gone.
import assert from 'node:assert/strict';
import { done, fail, Harness } from '../harness.ts';

describe('claims', () => {
  it('F7: a park of an owner that was superseded does not count, though it commits and its successor dies', async () => {
    const harness = new Harness();
    harness.publish('a1');
    harness.callMs = 2000;
    harness.script = () => (harness.attempts.length === 1 ? fail() : done);
    const a = await harness.start({}, {}, 'a');
    await harness.pass(500);
    assert.equal(harness.attempts.length, 1);
    // B claims while A, which does not know, waits for its call; A parks the event after that,
    // void, and commits as long as it can.
    harness.broker.append(
      'g.parked',
      [{ key: null, partition: 0, headers: {}, value: Buffer.from('{"v":1,"type":"claim","nonce":"b"}\n') }],
      'b',
    );
    await harness.pass(1700);
    assert.ok(harness.events.some(event => event.startsWith('a superseded: a newer claim')));
    a.process.kill();
    await harness.start({}, {}, 'c');
    await harness.pass(20_000);
    assert.equal(harness.attempts.at(-1)?.outcome, 'done');
    assert.equal(harness.position?.offset, 1);
  });

  it('an owner that was superseded by nobody who stays begins again', async () => {
    const harness = new Harness();
    const { dispatcher } = await harness.start();
    await harness.pass(100);
    harness.broker.append(
      'g.parked',
      [{ key: null, partition: 0, headers: {}, value: Buffer.from('{"v":1,"type":"claim","nonce":"b"}\n') }],
      'b',
    );
    harness.publish('a1');
    await harness.pass(3000);
    assert.equal(harness.traceOf('a').split(' ').at(-1), 'a1');
    assert.equal(dispatcher.view.superseded, 1);
    assert.equal(dispatcher.view.partitions[0]?.state, 'running');
  });

  it('F24: a commit about another parking log of that name, deleted since, does not stop its owner', async () => {
    const harness = new Harness();
    harness.publish('a1 a2 b1');
    harness.broker.ensureTopic('g.parked', { partitions: 1 });
    harness.broker.setPosition('g', 't', 0, {
      offset: 1,
      metadata: 'v1 by=4900 parked=5000 claim=4900 seq=3 top=3 holes=AA',
    });
    await harness.start();
    await harness.pass(3000);
    assert.equal(harness.trace, 'a2');
    assert.match(harness.position?.metadata ?? '', /^v1 by=0 /);
  });

  it('a position that was set by hand begins there, with what the whole parking log says', async () => {
    const harness = new Harness();
    harness.publish('a1 a2 b1');
    harness.script = ({ text }) => (text === 'a1' ? fail() : done);
    const { process } = await harness.start();
    await harness.pass(1500);
    process.kill();
    harness.broker.setPosition('g', 't', 0, { offset: 0, metadata: '' });
    harness.script = () => done;
    await harness.start({}, {}, 'q');
    await harness.pass(10_000);
    assert.equal(harness.traceOf('a'), 'a1! a1! a1 a2');
    assert.equal(harness.traceOf('b'), 'b1 b1', 'what only the commit knew of is delivered again');
  });

  it('a parking log of a later release is not acted on', async () => {
    const harness = new Harness();
    harness.publish('a1');
    harness.broker.ensureTopic('g.parked', { partitions: 1 });
    harness.broker.append(
      'g.parked',
      [{ key: null, partition: 0, headers: {}, value: Buffer.from('{"v":9,"type":"park"}\n') }],
      'later',
    );
    const { dispatcher } = await harness.start();
    await harness.pass(5000);
    assert.equal(harness.trace, '');
    assert.match(dispatcher.view.partitions[0]?.trouble ?? '', /version 9/);
  });
});

describe('the source', () => {
  it('F22: a jump over events that retention deleted is counted and told', async () => {
    const harness = new Harness();
    harness.publish('a1 a2 a3 a4');
    const { process } = await harness.start({ paused: true });
    await harness.pass(100);
    process.kill();
    harness.broker.partition('t', 0).trim(2);
    const { dispatcher } = await harness.start({}, {}, 'q');
    await harness.pass(10_000);
    assert.equal(harness.trace, 'a3 a4');
    assert.equal(dispatcher.view.jumped, 2);
    assert.ok(harness.events.includes('jumps 0-2'));
  });

  it('F23: reads no further ahead than a commit can tell; a crash then repeats little', async () => {
    const harness = new Harness();
    const { world } = harness.simulation.process('slow');
    const texts = Array.from(
      { length: 600 },
      (_, index) => `k${'abcdefghij'[index % 10]}${'x'.repeat(Math.floor(index / 10) % 60)}1`,
    );
    harness.publish(texts.join(' '));
    harness.script = ({ record }) =>
      record.offset % 2 === 0 && record.offset < 590
        ? new Promise(resolve => world.after(30_000, () => resolve(done)))
        : done;
    const limits = { metadataBytes: 160, freshEvents: 500, freshEventsWhenTight: 20, readRecords: 10 };
    const { process } = await harness.start({ order: 'none', concurrency: 500 }, { limits });
    await harness.pass(20_000);
    assert.ok((harness.position?.metadata.length ?? 0) <= 160);
    process.kill();
    const handled = new Set(
      harness.attempts.filter(({ outcome }) => outcome === 'done').map(({ text, offset }) => `${text}${offset}`),
    );
    const before = harness.attempts.length;
    harness.script = () => done;
    await harness.start({ order: 'none', concurrency: 500 }, { limits }, 'q');
    await harness.pass(60_000);
    const again = harness.attempts.slice(before).filter(({ text, offset }) => handled.has(`${text}${offset}`));
    assert.equal(harness.position?.offset, 600);
    assert.ok(again.length <= handled.size / 2, `${again.length} of ${handled.size} repeated`);
  });

  it('tells what is done out of order: a crash repeats only what was in flight', async () => {
    const harness = new Harness();
    const { world } = harness.simulation.process('slow');
    harness.publish('a1 b1 c1 d1 a2');
    harness.script = ({ text }) =>
      text === 'a1' ? new Promise(resolve => world.after(60_000, () => resolve(done))) : done;
    const { process } = await harness.start();
    await harness.pass(3000);
    assert.equal(harness.position?.offset, 0);
    process.kill();
    harness.script = () => done;
    await harness.start({}, {}, 'q');
    await harness.pass(10_000);
    assert.deepEqual(
      harness.attempts.filter(({ process: name }) => name === 'q').map(({ text }) => text),
      ['a1', 'a2'],
    );
  });

  it('begins at the latest, the earliest or a time, once; partitions added later from their start', async () => {
    for (const [from, expected] of [
      ['latest', 'b1 c1'],
      ['earliest', 'a1 b1 c1'],
      [{ time: 1 }, 'a1 b1 c1'],
    ] as const) {
      const harness = new Harness();
      harness.publish('a1');
      const { process } = await harness.start({ from });
      harness.publish('b1');
      process.kill();
      await harness.start({ from }, {}, 'q');
      harness.broker.ensureTopic('t', { partitions: 2 });
      harness.publish('c1', {}, 1);
      await harness.pass(40_000);
      assert.equal(
        harness.attempts
          .map(({ text }) => text)
          .sort()
          .join(' '),
        expected,
      );
    }
  });

  it('a replay stops at its end and says when all is settled', async () => {
    const harness = new Harness();
    harness.publish('a1 a2 a3');
    let broken = true;
    harness.script = ({ text }) => (broken && text === 'a2' ? fail() : done);
    const { dispatcher } = await harness.start(
      { retry: { attempts: 99, backoff: 'constant', initial: 500, max: 500 } },
      { until: new Map([[0, 2]]) },
    );
    await harness.pass(3000);
    assert.equal(dispatcher.view.finished, false);
    broken = false;
    await harness.pass(3000);
    assert.equal(dispatcher.view.finished, true);
    assert.ok(!harness.trace.includes('a3'));
  });
});

describe('a long parking log', () => {
  it('is moved and trimmed while keys are parked, and a new owner finds all of them', async () => {
    const harness = new Harness();
    harness.publish('a1 a2 b1 c1');
    let broken = true;
    harness.script = ({ text }) => (broken && text !== 'c1' ? fail() : done);
    const retry = { attempts: 10_000, backoff: 'constant', initial: 100, max: 100 } as const;
    const { dispatcher, process } = await harness.start({ retry }, { limits: { parkingLogRecords: 50 } });
    await harness.pass(60_000);
    const { start, end } = harness.broker.partition('g.parked', 0).bounds;
    assert.ok(end > 500 && end - start < 200, `${start}-${end}`);
    assert.equal(harness.parkingLog()[0]?.['type'], 'claim');
    assert.equal(dispatcher.view.parkedEvents, 3);
    const attempts = harness.attempts.findLast(({ text }) => text === 'a1')?.attempt ?? 0;
    process.kill();
    broken = false;
    await harness.start({ retry }, {}, 'q');
    await harness.pass(20_000);
    const a1 = harness.attempts.filter(({ text }) => text === 'a1').at(-1);
    assert.ok((a1?.attempt ?? 0) >= attempts);
    assert.equal(
      harness.attempts
        .filter(({ outcome }) => outcome === 'done')
        .map(({ text }) => text)
        .sort()
        .join(' '),
      'a1 a2 b1 c1',
    );
  });
});

describe('faults of the log', () => {
  for (let seed = 1; seed <= 10; seed++) {
    it(`appends that are refused, lost, late or half done change nothing (seed ${seed})`, async () => {
      const faults = {
        appendRefused: 0.1,
        appendFails: 0.1,
        appendUnknown: 0.1,
        appendHalf: 0.1,
        appendLate: 0.1,
        readFails: 0.1,
        commitFails: 0.1,
        callFails: 0.05,
      };
      const harness = new Harness(1, {}, seed);
      harness.publish('a1 b1 a2 c1 b2 a3');
      harness.script = ({ attempt, text }) => (attempt < 3 && text.endsWith('1') ? fail() : done);
      await harness.start();
      harness.broker.faults = { ...harness.broker.faults, ...faults };
      await harness.pass(120_000);
      for (const key of ['a', 'b', 'c']) {
        const trace = harness
          .traceOf(key)
          .split(' ')
          .filter(text => !text.endsWith('!'));
        assert.deepEqual(trace, [...new Set(trace)].sort());
      }
      assert.equal(harness.position?.offset, 6);
      assert.equal(harness.deadLettered.length, 0);
    });
  }
});
