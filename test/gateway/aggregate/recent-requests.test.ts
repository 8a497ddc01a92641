// What is remembered of the requests of an Aggregate: the times of the parts, what made the answer
// late, and no more requests than fit; services are scripted and time is fake.
import assert from 'node:assert/strict';
import { OK } from '../../../gateway/aggregate/part-result.ts';
import {
  NEWEST_KEPT,
  RecentRequest,
  RecentRequests,
  SLOWEST_FOR_MS,
  SLOWEST_KEPT,
  toPartPlaces,
} from '../../../gateway/aggregate/recent-requests.ts';
import { reportRequests } from '../../../gateway/aggregate/report-requests.ts';
import type { PartReport, RequestReport, RequestsReport } from '../../../gateway/plan/requests-report.ts';
import { createFakeWorld } from '../../fakes/fake-world.ts';
import { never, ok, type Reply, type Scripted, scriptParts, status } from './scripted-parts.ts';

type Parts = Record<string, Record<string, unknown>>;

const script = (parts: Parts, replies: Record<string, Reply>): Scripted =>
  scriptParts(
    {
      timeout: '1s',
      parts: Object.fromEntries(
        Object.entries(parts).map(([name, part]) => [name, { to: { function: name }, ...part }]),
      ),
      response: { body: {} },
    },
    part => replies[part] ?? ok(10),
  );

/** Runs them once; the caller leaves after `leftMs`, where that is given. */
async function reportOf(parts: Parts, replies: Record<string, Reply>, leftMs?: number): Promise<RequestsReport> {
  const { world, plan, run } = script(parts, replies);
  const recent = new RecentRequests();
  const noted = new RecentRequest(world, 'a-trace', toPartPlaces(plan.parts));
  const origin = world.monotonic();
  const outcome = run();
  await world.pass(leftMs ?? 2_000);
  if (outcome.doneAt !== undefined) noted.partsDoneAt = origin + outcome.doneAt;
  outcome.run.cancel();
  noted.ended(noted.partsDoneAt ?? world.monotonic(), outcome.run, false);
  recent.add(noted);
  return reportRequests(recent, world.now(), 10);
}

/** `order ok 0+10 late`: begun at once, took 10 ms, and made the answer late. */
function inWords({ name, outcome, reason, status: answered, hedged, beganMs, tookMs, critical }: PartReport): string {
  const times = beganMs === undefined ? 'uncalled' : `${beganMs}+${tookMs}`;
  const words = [name, outcome, reason, answered, hedged && 'hedged', times, critical && 'late'];
  return words.filter(word => word !== undefined).join(' ');
}

const cases: Record<string, { parts: Parts; replies: Record<string, Reply>; expected: readonly string[] }> = {
  'the part that ends last, and what it waited for, make the answer late': {
    parts: { order: {}, customer: { path: '/${order.body.id}' }, ads: {} },
    replies: { order: ok(20, { id: 7 }), customer: ok(30), ads: ok(40) },
    expected: ['order ok 0+20 late', 'customer ok 20+30 late', 'ads ok 0+40'],
  },
  'of two parts that one waits for, the slower makes the answer late': {
    parts: { a: {}, b: {}, c: { path: '/${a.body.id}/${b.body.id}' } },
    replies: { a: ok(20, { id: 1 }), b: ok(5, { id: 2 }) },
    expected: ['a ok 0+20 late', 'b ok 0+5', 'c ok 20+10 late'],
  },
  'a part that gives up after its own time has its fallback then': {
    parts: { order: {}, offers: { timeout: '50ms', required: false, fallback: [] } },
    replies: { offers: never },
    expected: ['order ok 0+10', 'offers fallback timeout 0+50 late'],
  },
  'all that the deadline ends make the answer late': {
    parts: { a: { required: false }, b: { required: false }, c: {} },
    replies: { a: never, b: never },
    expected: ['a failed timeout 0+1000 late', 'b failed timeout 0+1000 late', 'c ok 0+10'],
  },
  'a part whose condition does not hold takes no time, and what it asked about makes the answer late': {
    parts: { order: {}, gift: { when: '${order.body.isGift}' } },
    replies: { order: ok(20, { isGift: false }) },
    expected: ['order ok 0+20 late', 'gift skipped condition uncalled'],
  },
  'a required part that fails gives up the others': {
    parts: { order: {}, ads: {}, customer: { path: '/${order.body.id}' } },
    replies: { order: status(20, 500), ads: never },
    expected: [
      'order failed no-answer 500 0+20 late',
      'ads skipped cancelled 0+20',
      'customer skipped cancelled uncalled',
    ],
  },
  'a second call of a slow part is told': {
    parts: { order: { hedge: { after: '15ms' } } },
    replies: { order: ok(40) },
    expected: ['order ok hedged 0+40 late'],
  },
};

describe('recent requests of an aggregate', () => {
  for (const [title, { parts, replies, expected }] of Object.entries(cases))
    it(title, async () => {
      const { newest } = await reportOf(parts, replies);
      assert.deepEqual(newest[0]?.parts.map(inWords), expected);
    });

  it('say that nothing made the answer late when the caller left before it', async () => {
    const { newest, parts } = await reportOf({ order: {} }, { order: never }, 30);
    assert.deepEqual(newest[0]?.parts.map(inWords), ['order skipped cancelled 0+30']);
    assert.equal(newest[0]?.status, undefined);
    assert.deepEqual(parts, [{ name: 'order', calls: 0, failed: 0, critical: 0 }]);
  });

  it('name the parts that a part waits for', async () => {
    const { newest } = await reportOf({ order: {}, customer: { path: '/${order.body.id}' } }, {});
    assert.deepEqual(
      newest[0]?.parts.map(({ waitsFor }) => waitsFor),
      [[], ['order']],
    );
  });

  it('sum up each part over the newest requests', () => {
    const { recent, world, add } = filled();
    for (let ms = 1; ms <= NEWEST_KEPT; ms++) add(ms);
    const { counted, parts, newest } = reportRequests(recent, world.now(), 3);
    assert.equal(counted, NEWEST_KEPT);
    assert.deepEqual(parts, [{ name: 'order', calls: 100, p50Ms: 50, p95Ms: 95, failed: 0, critical: 100 }]);
    assert.deepEqual(newest.map(tookMs), [100, 99, 98]);
  });

  it('are no more than the newest and the slowest of the last hour', async () => {
    const { recent, world, add } = filled();
    add(9_000);
    for (let count = 0; count < 3 * NEWEST_KEPT; count++) add(1 + (count % 50));
    const kept = () => reportRequests(recent, world.now(), 1_000);
    assert.equal(kept().newest.length, NEWEST_KEPT);
    assert.deepEqual(kept().slowest.map(tookMs), [9_000, ...new Array(6).fill(50), ...new Array(3).fill(49)]);
    await world.pass(SLOWEST_FOR_MS);
    assert.deepEqual(kept().slowest, []);
    add(2);
    assert.deepEqual(kept().slowest.map(tookMs), [2]);
    assert.ok(SLOWEST_KEPT < NEWEST_KEPT);
  });
});

const tookMs = (request: RequestReport) => request.tookMs;

/** Requests with one part; `add` says how long it took. */
function filled() {
  const world = createFakeWorld();
  const recent = new RecentRequests();
  const places = [{ name: 'order', waitsFor: [] }];
  const add = (ms: number) => {
    const noted = new RecentRequest(world, 'a-trace', places);
    const at = noted.cameAt + ms;
    noted.partsDoneAt = at;
    noted.ended(at, { results: [OK], hedged: 0, begunAt: [noted.cameAt], settledAt: [at] }, false);
    recent.add(noted);
  };
  return { recent, world, add };
}
