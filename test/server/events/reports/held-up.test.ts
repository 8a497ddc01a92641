// What a worker says of a consumer whose calls are held up, and of which it says nothing.
import assert from 'node:assert/strict';
import type { FunctionStatus } from '../../../../drivers/function-host/function-host.ts';
import { createInstruments } from '../../../../gateway/plan/instruments.ts';
import { createResourceSet } from '../../../../resources/resource-set.ts';
import { holdsNow } from '../../../../server/events/reports/held-up.ts';
import type { DispatcherView } from '../../../../worker/dispatch/view.ts';
import type { ConsumerState } from '../../../../worker/event-plane.ts';
import { fakeResource } from '../../../fakes/platform-view.ts';
import { consumerPlan } from '../../../kills/stories/consumers.ts';

const limits = {};
const fn = fakeResource('Function', 'show', { spec: { limits } } as object);
const free: FunctionStatus = {
  name: 'show',
  namespace: 'default',
  state: 'available',
  instances: 1,
  inFlight: 0,
  waiting: 0,
  restarts: 0,
};
const flowing = {
  label: 'function show',
  flow: 'flowing',
  finished: false,
  limitedBy: undefined,
  heldBack: [],
  goesOnAt: undefined,
  partitions: [{}],
} as object as DispatcherView;

interface Told {
  readonly status?: Partial<FunctionStatus> | undefined;
  readonly view?: Partial<DispatcherView>;
  readonly to?: object;
  readonly isThere?: boolean;
  readonly share?: number;
}

function heldUp({ status, view, to = { function: 'show' }, isThere = true, share }: Told) {
  const plan = consumerPlan('wall', 'default.orders');
  const resource = { ...plan.resource, spec: { ...plan.resource.spec, to } };
  const running = { view: { ...flowing, ...view } };
  const settings = { ...plan.settings, share: share && { by: () => '', max: share } };
  const state = { plan: { ...plan, resource, settings }, runner: { running } } as object as ConsumerState;
  const inForce = { resources: createResourceSet(isThere ? [fn] : []), instruments: createInstruments() };
  return holdsNow({ inForce, functions: () => (isThere ? [{ ...free, ...status }] : []) })(state);
}

describe('what holds up the calls of a consumer', () => {
  const unavailable = { state: 'unavailable', lastError: 'crashed' } as const;
  const said: [string, Told, string, string][] = [
    [
      'its Function is not there',
      { isThere: false },
      'missing',
      'Function show, which the consumer calls, is not there.',
    ],
    [
      'its Function is asleep',
      { status: { state: 'asleep' } },
      'asleep',
      'Function show is asleep; the next call wakes it.',
    ],
    [
      'its Function starts for the first time',
      { status: { state: 'starting' } },
      'starting',
      'Function show is starting; calls wait until its first instance answers.',
    ],
    [
      'its Function has stalled, until the next call',
      { status: unavailable, view: { flow: 'failing', goesOnAt: 0 } },
      'unavailable',
      'Function show is unavailable: crashed. The next call is at 1970-01-01T00:00:00.000Z.',
    ],
    [
      'its target, a url, rests for a reason that nobody has told',
      { view: { flow: 'resting', label: 'url example.com' }, to: { url: 'http://example.com' } },
      'pause',
      'The target of the consumer, url example.com, takes no more calls for a moment.',
    ],
  ];
  const heldBack = (...names: string[]): Told => ({ view: { limitedBy: 'share', heldBack: names }, share: 2 });
  said.push(
    [
      'a share is at its max',
      heldBack('acme'),
      'concurrency',
      '1 share of the consumer may have no further event in flight (share.max: 2): "acme".',
    ],
    [
      'many shares are at their max',
      heldBack('', 'x'.repeat(100), 'b', 'c', 'd'),
      'concurrency',
      `5 shares of the consumer may have no further event in flight (share.max: 2): (none), "${'x'.repeat(60)}…", "b", 2 others.`,
    ],
  );
  for (const [name, told, by, message] of said)
    it(`is said where ${name}`, () => {
      const found = heldUp(told);
      assert.deepEqual([found?.by, found?.message], [by, message]);
    });

  const several = [
    { function: 'show', weight: 1 },
    { topic: 'others', weight: 1 },
  ];

  it('is said to be in part where it hands events on to other targets', () => {
    const found = heldUp({ status: unavailable, to: several });
    const message = 'Function show is unavailable: crashed. Function show is one of the 2 targets of the consumer.';
    assert.deepEqual(found, { by: 'unavailable', message, isPartial: true });
  });

  it('is said to be in part where other shares go on', () => {
    const found = heldUp({ view: { heldBack: ['acme', 'bolt'] }, share: 2 });
    const message = '2 shares of the consumer may have no further event in flight (share.max: 2): "acme", "bolt".';
    assert.deepEqual(found, { by: 'concurrency', message, isPartial: true });
  });

  it('is said to be whole where it has no other target, or rests', () => {
    assert.equal(heldUp({ status: unavailable })?.isPartial, undefined);
    assert.equal(heldUp({ status: unavailable, view: { flow: 'resting' }, to: several })?.isPartial, undefined);
  });

  const unsaid: readonly [string, Told][] = [
    ['nothing does', {}],
    ['it calls no Function', { status: unavailable, to: { topic: 'others' } }],
    ['it is paused', { status: unavailable, view: { flow: 'paused' } }],
    ['it is closed', { status: unavailable, view: { flow: 'closed' } }],
    ['it has no partition', { status: unavailable, view: { partitions: [] } }],
    ['it is a replay that has come to its end', { status: unavailable, view: { finished: true } }],
  ];
  for (const [name, told] of unsaid) it(`is not said where ${name}`, () => assert.equal(heldUp(told), undefined));
});
