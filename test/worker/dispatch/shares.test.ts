// One tenant's thousand jobs beside a few of others, through the whole dispatcher.
import assert from 'node:assert/strict';
import type { LogRecord } from '../../../drivers/event-log/event-log.ts';
import { done, fail, Harness } from './harness.ts';

const range = (count: number, name: (index: number) => string) => Array.from({ length: count }, (_, at) => name(at));
const tenantOf = (text: string) => text.replace(/-.*/, '');
const share = { by: ({ value }: LogRecord) => tenantOf(Buffer.from(value).toString()) };
const jobs = (tenant: string, count: number) => range(count, index => `${tenant}-${index}.`).join(' ');

/** How many attempts at jobs of others came before the last of this tenant. */
function aheadOf(harness: Harness, tenant: string): number {
  const tenants = harness.attempts.map(({ text }) => tenantOf(text));
  return tenants.slice(0, tenants.lastIndexOf(tenant)).filter(each => each !== tenant).length;
}

/** Begins when all that is published has been read. */
async function begin(harness: Harness, some: Parameters<Harness['start']>[0]) {
  const { dispatcher } = await harness.start({ ...some, paused: true });
  await harness.pass(1_000);
  dispatcher.resume();
  return dispatcher;
}

const worked = (harness: Harness) => harness.attempts.filter(({ outcome }) => outcome === 'done').length;

describe('shares of a dispatcher', () => {
  for (const order of ['none', 'key'] as const)
    it(`five jobs of quiet tenants do not wait for a thousand of another: order ${order}`, async () => {
      const harness = new Harness();
      harness.callMs = 50;
      harness.publish(jobs('noisy', 1_000));
      harness.publish(range(5, index => `quiet${'abcde'[index]}-0.`).join(' '));
      await begin(harness, { order, share, concurrency: 8 });
      await harness.pass(2_000);
      for (const each of 'abcde') {
        assert.ok(aheadOf(harness, `quiet${each}`) <= 12, `${aheadOf(harness, `quiet${each}`)} came before`);
      }
      assert.equal(harness.mostInFlight, 8, 'the noisy one has all calls that are left');
      await harness.pass(10_000);
      assert.equal(worked(harness), 1_005);
    });

  it('are counted over all partitions of a process, by weight', async () => {
    const harness = new Harness(3);
    harness.publish(jobs('gold', 600), {}, 0);
    harness.publish(jobs('plain', 600), {}, 1);
    harness.publish(jobs('other', 600), {}, 2);
    await begin(harness, {
      order: 'none',
      concurrency: 4,
      share: { ...share, weight: record => (share.by(record) === 'gold' ? 4 : 1) },
    });
    await harness.pass(600);
    const count = (tenant: string) => harness.attempts.filter(({ text }) => tenantOf(text) === tenant).length;
    const [gold, plain, other] = [count('gold'), count('plain'), count('other')];
    assert.ok(gold > 200 && gold < 600, `${gold} jobs`);
    for (const each of [plain, other]) assert.ok(Math.abs(each - gold / 4) <= 5, `${gold} beside ${each}`);
  });

  it('are those of the weights over two processes, within 5 %', async () => {
    const harness = new Harness(2);
    const weights: Readonly<Record<string, number>> = { gold: 4, silver: 2, plain: 1 };
    for (const partition of [0, 1])
      for (const name of Object.keys(weights)) harness.publish(jobs(name, 600), {}, partition);
    const settings = {
      order: 'none',
      concurrency: 4,
      share: { ...share, weight: (record: LogRecord) => weights[share.by(record)] ?? 1 },
    } as const;
    const both = [];
    for (const name of ['p', 'q']) both.push((await harness.start({ ...settings, paused: true }, {}, name)).dispatcher);
    await harness.pass(20_000);
    for (const { resume } of both) resume();
    await harness.pass(600);
    const tenants = harness.attempts.map(({ text }) => tenantOf(text));
    assert.equal(new Set(harness.attempts.map(({ process }) => process)).size, 2);
    assert.ok(tenants.length > 600, `${tenants.length} jobs`);
    for (const [name, weight] of Object.entries(weights)) {
      const got = tenants.filter(each => each === name).length / tenants.length;
      assert.ok(Math.abs(got / (weight / 7) - 1) <= 0.05, `${name} has ${got}`);
    }
  });

  it('hold `max`, with batches and attempts that fail, and still end', async () => {
    for (const batch of [undefined, { size: 4, wait: 5, maxSize: 1e6 }]) {
      const harness = new Harness(2);
      let most = 0;
      const now = new Map<string, number>();
      harness.script = async ({ text, attempt }) => {
        const tenant = tenantOf(text);
        const inFlight = (now.get(tenant) ?? 0) + 1;
        now.set(tenant, inFlight);
        most = Math.max(most, inFlight);
        await new Promise<void>(resolve => harness.simulation.after(20, 'work', resolve));
        now.set(tenant, (now.get(tenant) ?? 0) - 1);
        return attempt === 1 && text.includes('7') ? fail() : done;
      };
      harness.publish(jobs('noisy', 50), {}, 0);
      harness.publish(jobs('noisy', 50), {}, 1);
      harness.publish(jobs('quiet', 10), {}, 1);
      const dispatcher = await begin(harness, { order: 'none', concurrency: 8, share: { ...share, max: 2 }, batch });
      await harness.pass(30);
      assert.ok(most <= 2, `${most} at a time`);
      assert.deepEqual([dispatcher.view.limitedBy, dispatcher.view.heldBack], ['share', ['noisy', 'quiet']]);
      await harness.pass(60_000);
      assert.ok(most <= 2, `${most} at a time`);
      assert.equal(worked(harness), 110);
      assert.deepEqual([dispatcher.view.limitedBy, dispatcher.view.heldBack], [undefined, []]);
    }
  });

  it('a share at its `max` that fills what may be read makes room for those behind it', async () => {
    const harness = new Harness();
    harness.callMs = 1_000;
    harness.publish(jobs('noisy', 300));
    harness.publish(jobs('quiet', 5));
    await harness.start(
      { order: 'none', concurrency: 8, share: { ...share, max: 1 } },
      { limits: { freshEvents: 100, readRecords: 50 } },
    );
    await harness.pass(20_000);
    assert.ok(aheadOf(harness, 'quiet') <= 20, `${aheadOf(harness, 'quiet')} came before`);
    await harness.pass(300_000);
    assert.equal(worked(harness), 305);
  });
});
