// kill -9 of a process in the middle of fan-outs, many times: every job that was acknowledged ends
// once, counted right, and is gathered whole.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { judgeFanOut } from '../../judge/fan-outs.ts';
import { Chance } from '../../simulation/kernel/chance.ts';
import { bundleVictim, Victim } from '../victim-process.ts';
import { type Answer, type BeginJob, BROKEN_EVERY, type Order, type SeenJob } from './protocol.ts';

const KILLS = Number(process.env['KILLS'] ?? 10);
const SEED = Number(process.env['SEED'] ?? Date.now() % 1_000_000);
const LIFE_MS = 300;
const DRAIN_MS = 5 * 60_000;

describe('a process with fan-outs that is killed', () => {
  const chance = new Chance(SEED);
  const acknowledged = new Map<string, BeginJob>();
  let folder = '';
  let program: Awaited<ReturnType<typeof bundleVictim>>;
  let running: Victim<Order, Answer> | undefined;
  let begun = 0;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tenfold-fan-out-kills-'));
    program = await bundleVictim(folder, 'test/kills/fan-outs/victim.ts');
  });
  after(async () => {
    await running?.kill().catch(() => {});
    await rm(folder, { recursive: true, force: true });
  });

  function start(): Victim<Order, Answer> {
    const victim = new Victim<Order, Answer>(program.victim, [join(folder, 'fan-outs.db'), program.thread]);
    running = victim;
    victim.onAnswer(answer => {
      if (answer.kind === 'begun') for (const job of answer.jobs) acknowledged.set(job.nonce, job);
    });
    return victim;
  }

  async function look(victim: Victim<Order, Answer>): Promise<Map<string, SeenJob>> {
    victim.send({ kind: 'look' });
    const { jobs } = await victim.answer('seen');
    return new Map(jobs.map(job => [job.nonce, job]));
  }

  it(`goes on through ${KILLS} kills`, async () => {
    let open = 0;
    for (let kill = 0; kill < KILLS; kill++) {
      const victim = start();
      if (chance.happens('killed early', 0.1)) await pause(chance.int('early', 0, LIFE_MS));
      else {
        await victim.answer('ready');
        const jobs = Array.from({ length: chance.int('jobs', 1, 2) }, () => ({
          nonce: String(begun++).padStart(16, '0'),
          items: chance.happens('no items', 0.1) ? 0 : chance.int('items', 10, 80),
        }));
        victim.send({ kind: 'begin', jobs });
        await pause(chance.int('life', 0, LIFE_MS));
        const seen = await look(victim);
        if ([...seen.values()].some(({ state }) => state !== 'succeeded')) open++;
      }
      await victim.kill();
    }
    assert.ok(open > KILLS / 3, `seed ${SEED}: only ${open} were killed in the middle of jobs`);
  }).timeout(KILLS * 60_000);

  it('ends every job once, with its items counted right and all results gathered', async () => {
    const victim = start();
    await victim.answer('ready');
    const deadline = Date.now() + DRAIN_MS;
    let seen = await look(victim);
    const isEnded = ({ nonce }: BeginJob) => (seen.get(nonce)?.told.length ?? 0) > 0;
    while (![...acknowledged.values()].every(isEnded)) {
      const open = [...acknowledged.values()].filter(job => !isEnded(job)).map(({ nonce }) => seen.get(nonce) ?? nonce);
      assert.ok(Date.now() < deadline, `seed ${SEED}: open: ${JSON.stringify(open)}`);
      await pause(50);
      seen = await look(victim);
    }
    assert.ok(acknowledged.size > KILLS / 3, `${acknowledged.size} jobs were acknowledged`);
    const wrong: string[] = [];
    for (const { nonce, items } of acknowledged.values()) {
      const job = seen.get(nonce);
      const sound = Array.from({ length: items }, (_, index) => index).filter(index => index % BROKEN_EVERY !== 3);
      const name = `seed ${SEED}: job ${nonce}`;
      assert.equal(job?.state, 'succeeded', name);
      assert.equal(job.failed, items - sound.length, name);
      wrong.push(
        ...judgeFanOut({
          name,
          items,
          state: job.state,
          // Told once, or the same again after a crash.
          told: byGeneration(job.told),
          least: sound.length,
          worked: sound,
          results: job.results,
          counted: job,
          gathered: job.gathered ?? 'nothing',
        }),
      );
    }
    assert.deepEqual(wrong, []);
    await victim.kill();
  });
});

/** `told`: a generation and how it ended. */
function byGeneration(told: readonly string[]): Map<number, ReadonlySet<string>> {
  const pairs = told.map(each => each.split(' '));
  const byNumber = Map.groupBy(pairs, ([generation]) => Number(generation));
  return new Map([...byNumber].map(([generation, each]) => [generation, new Set(each.map(([, state = '']) => state))]));
}
