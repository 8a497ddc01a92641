// Finds what is wrong with a platform in each thing that it knows of itself: once, with its cause,
// its age, whom it touches, and what to do.
import assert from 'node:assert/strict';
import { type About, diagnose } from '../../../admin/diagnosis/diagnose.ts';
import type { Finding } from '../../../admin/diagnosis/finding.ts';
import type { ConsumerReport } from '../../../admin/event-view.ts';
import type { HeldUp } from '../../../admin/failure-view.ts';
import type { Gathered } from '../../../admin/gathered.ts';
import { conditionsOf } from '../../../admin/resource-state.ts';
import { reasons } from '../../../resources/reasons.ts';
import { waitingBecause } from '../../../server/events/stories/because.ts';
import { fakeConsumer, fakeFailure } from '../../fakes/consumer-report.ts';
import { fakeGathered } from '../../fakes/gathered.ts';
import { fakeResource } from '../../fakes/platform-view.ts';
import { FAULTS, failing } from './faults.ts';
import { NOW, pipeline, READY, WELL, wall, well } from './well.ts';

const found = (gathered: Gathered, about: Partial<About> = {}, namespace?: string) =>
  diagnose(gathered, { ...READY, ...about }, namespace).findings;
const BEHIND = { ...WELL, lag: 7, oldestAgeMs: 400_000 };
const FAILING = {
  failingKeys: 1,
  failedFirst: { since: '2026-01-02T02:00:00.000Z', cause: 'Error: no price for boom' },
};
const saysOf = ({ resource, severity, reason }: Finding) =>
  `${severity} ${resource ? `${resource.kind} ${resource.name}` : 'platform'} ${reason}`;

describe('a diagnosis', () => {
  it('finds nothing where all is well', () => {
    const { findings, unknown, resources, at } = diagnose(well(), READY);
    assert.deepEqual(findings.map(saysOf), []);
    assert.deepEqual([unknown, resources, at], [[], 6, '2026-01-02T03:04:05.000Z']);
  });

  for (const { what, gathered, says, message, next } of FAULTS)
    it(`finds, once, that ${what}, and says what to do`, () => {
      const all = well(gathered);
      const findings = found(all);
      assert.deepEqual(findings.map(saysOf), [says]);
      assert.match(findings[0]?.message ?? '', message);
      assert.match(findings[0]?.next ?? '', next);
    });

  it('takes calls for mended after a run of good ones that chance hardly explains', () => {
    const says = (failed: number, wellSince: number) =>
      found(well({ calls: [{ ...failing, calls: failed * 2 + wellSince, failed, wellSince }] })).map(saysOf);
    assert.deepEqual(says(10, 6), ['warning Function menu FailingCalls']);
    assert.deepEqual(says(10, 7), []);
    const always = { ...failing, calls: 4, failed: 3, wellSince: 1 };
    assert.deepEqual(found(well({ calls: [always] })), []);
  });

  it('gives the cause, and since when', () => {
    const consumers = [fakeConsumer('wall', { newestFailure: fakeFailure })];
    const [finding] = found(well({ resources: [wall], consumers }));
    assert.match(finding?.cause ?? '', /no price for boom/);
    assert.equal(finding?.since, new Date(NOW - 61_500).toISOString());
  });

  it('gives the cause and the age of what is parked, where the newest failure is of another event', () => {
    const failedFirst = { since: '2026-01-02T02:00:00.000Z', cause: 'Error: no price for boom' };
    const newestFailure = { ...fakeFailure, cause: undefined, error: 'something else' };
    const consumers = [fakeConsumer('wall', { failingKeys: 1, failedFirst, newestFailure })];
    const [finding] = found(well({ resources: [wall], consumers }));
    assert.deepEqual([finding?.cause, finding?.since], ['Error: no price for boom', failedFirst.since]);
  });

  const HELD_UP: readonly [string, HeldUp['by'], Partial<ConsumerReport>, string | undefined][] = [
    ['is behind as its Function sleeps', 'asleep', BEHIND, 'It is held up.'],
    ['is behind as its Function is at its limits', 'limits', BEHIND, 'It is held up.'],
    ['rests as its Function is not there', 'missing', { ...WELL, state: 'resting' }, 'It is held up.'],
    ['has parked keys as its Function does not start', 'unavailable', FAILING, 'It is held up.'],
    [
      'has parked keys as a breaker is open',
      'breaker',
      FAILING,
      'It is held up. The failure: Error: no price for boom',
    ],
    ['has parked keys, while it sleeps', 'asleep', FAILING, 'Error: no price for boom'],
    ['is paused', 'missing', { ...WELL, state: 'paused' }, undefined],
  ];
  for (const [what, by, more, cause] of HELD_UP)
    it(`gives what holds up a consumer as the cause where it ${what}, in the words of the story`, () => {
      const report = fakeConsumer('wall', { ...more, heldUp: { by, message: 'It is held up.' } });
      const gathered = well({ resources: [wall], consumers: [report] });
      const [finding] = found(gathered);
      assert.equal(finding?.cause, cause);
      const conditions = conditionsOf(wall, gathered);
      const healthy = conditions.find(({ type }) => type === 'Healthy')?.message ?? '';
      assert.ok(healthy.endsWith(cause ?? ''), healthy);
      const parked = report.parkedKeys > 0;
      const because = waitingBecause({ consumer: report, fate: parked ? 'parked' : 'waiting' }, report) ?? '';
      assert.equal(because.includes('It is held up.'), cause?.includes('It is held up.') ?? false);
      if (report.state === 'resting')
        assert.match(conditions.find(({ type }) => type === 'Ready')?.message ?? '', /^It is held up\. /);
    });

  it('gives keys that are tried again and held keys their own causes', () => {
    const failedFirst = { since: '2026-01-02T02:00:00.000Z', cause: 'Error: no price' };
    const heldFirst = { since: '2026-01-02T01:00:00.000Z', cause: 'Error: no screen' };
    const consumers = [fakeConsumer('wall', { failingKeys: 1, failedFirst, heldKeys: 1, heldFirst })];
    const told = found(well({ resources: [wall], consumers })).map(({ reason, cause, since }) => [
      reason,
      cause,
      since,
    ]);
    assert.deepEqual(told.slice(0, 2), [
      ['KeysParked', 'Error: no price', failedFirst.since],
      ['KeysHeld', 'Error: no screen', heldFirst.since],
    ]);
  });

  it('finds nothing in events that only wait for their time, and tells held keys from others', () => {
    const says = (more: Parameters<typeof fakeConsumer>[1]) =>
      found(
        well({ resources: [wall], consumers: [fakeConsumer('wall', { parkedKeys: 3, parkedEvents: 3, ...more })] }),
      );
    assert.deepEqual(says({ failingKeys: 0, heldKeys: 0 }), []);
    const [held] = says({ failingKeys: 0, heldKeys: 2 });
    assert.deepEqual([held?.reason, held?.next], ['KeysHeld', 'tenfold dead list subscription/wall --held -n default']);
  });

  it('says of a Pipeline that has stopped for good what to do, once', () => {
    const stop = { why: 'Its Topic has 5 partitions, and had 3.', next: 'Put another in its place.' };
    const stopped = { ...pipeline, state: 'stopped' as const, lastError: `${stop.why} ${stop.next}`, stop };
    const told = found(well({ pipelines: [stopped] }));
    assert.deepEqual(told.map(saysOf), ['error Pipeline clicks Stopped']);
    assert.deepEqual([told[0]?.message, told[0]?.next], [stop.why, stop.next]);
  });

  it('names the resources that lead there, through others as well', () => {
    const broken = {
      ...{ name: 'menu', namespace: 'default', state: 'unavailable', instances: 0 },
      lastError: 'No.',
    } as never;
    const [finding] = found(well({ functions: [broken] }));
    assert.deepEqual(finding?.touches, ['Queue imports', 'Api shop']);
  });

  it('says a full disk once, and not for each resource', () => {
    const says = found(well({ disk: ['There is no space left.'] }), {
      readiness: { ready: false, reasons: ['Disk (log) cannot be used: There is no space left.', 'No routes yet.'] },
    }).map(saysOf);
    assert.deepEqual(says, ['error platform DiskFailing', 'error platform NotReady']);
  });

  it('says why callers are let in no longer', () => {
    const [finding] = found(well(), { callerTroubles: ['The file of tokens cannot be used: it is away.'] });
    assert.deepEqual(
      [finding && saysOf(finding), finding?.message],
      ['error platform Invalid', 'The file of tokens cannot be used: it is away.'],
    );
  });

  it('says what cannot be asked, and does not call it well', () => {
    const away = {
      topics: undefined,
      consumers: undefined,
      views: undefined,
      pipelines: undefined,
      fanOuts: undefined,
    };
    const { findings, unknown } = diagnose(well({ ...away, damaged: undefined }), READY);
    assert.deepEqual(findings.map(saysOf), []);
    assert.equal(unknown.length, 2);
    assert.match(unknown[0] ?? '', /Topics, consumers, Views, Pipelines, FanOuts/);
  });

  it('keeps to a namespace that is asked for', () => {
    const consumers = [fakeConsumer('wall'), fakeConsumer('imports', { kind: 'Queue', ...WELL })];
    assert.equal(found(well({ consumers }), {}, 'default').length, 1);
    assert.equal(found(well({ consumers }), {}, 'other').length, 0);
  });

  it('finds what is wrong with a replay, and with parts of a FanOut and features of a Strangler', () => {
    const fanOut = fakeResource('FanOut', 'renditions');
    const strangler = fakeResource('Strangler', 'shop');
    const consumers = [
      fakeConsumer('wall-replay-1', { replayOf: 'wall' }),
      fakeConsumer('renditions/splits', { kind: 'FanOut' }),
      fakeConsumer('renditions-2', { kind: 'FanOut' }),
      fakeConsumer('shop.orders', { kind: 'Strangler' }),
    ];
    const findings = found(fakeGathered({ at: NOW, resources: [fanOut, strangler], consumers }));
    const parked = findings.filter(({ reason }) => reason === 'KeysParked').map(saysOf);
    assert.deepEqual(parked, [
      'error FanOut renditions KeysParked',
      'error Strangler shop KeysParked',
      'error Subscription wall-replay-1 KeysParked',
    ]);
  });

  it('has reasons that the table of reasons has', () => {
    for (const { gathered } of FAULTS)
      for (const { reason } of found(well(gathered))) assert.ok(Object.hasOwn(reasons, reason), reason);
  });
});
