// kill -9 of a process that builds Views anew, again and again: what is read never goes back, and
// in the end every event counts once.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { judgeProgress, judgeView } from '../../judge/views.ts';
import { Chance } from '../../simulation/kernel/chance.ts';
import { bundleVictim, Victim } from '../victim-process.ts';
import type { Answer, Counts, Order, Seen } from './protocol.ts';

const KILLS = Number(process.env['VIEW_KILLS'] ?? 12);
const SEED = Number(process.env['SEED'] ?? Date.now() % 1_000_000);
/** Longest life of a process after it has begun to build, milliseconds. */
const LIFE_MS = 500;
const DRAIN_MS = 5 * 60_000;
/** Between an answer and the next events. */
const PAUSE_MS = 5;
/** Events that are there before: a build takes a while. */
const FIRST_EVENTS = 3_000;

describe('a process that is killed while it builds Views anew', () => {
  const chance = new Chance(SEED);
  let folder = '';
  let program: Awaited<ReturnType<typeof bundleVictim>>;
  let running: Victim<Order, Answer> | undefined;
  let acknowledged = 0;
  let events = 0;
  let unfinished = 0;
  const generations = new Set<string>();

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tenfold-view-kills-'));
    program = await bundleVictim(join(folder, 'program'), 'test/kills/views/victim.ts');
  });
  after(async () => {
    await running?.kill().catch(() => {});
    await rm(folder, { recursive: true, force: true });
  });

  async function start(): Promise<Victim<Order, Answer>> {
    const victim = new Victim<Order, Answer>(program.victim, [join(folder, 'tenfold.db'), program.thread]);
    running = victim;
    victim.onAnswer(answer => {
      if (answer.kind !== 'published') return;
      acknowledged += answer.ids.length;
      setTimeout(() => publish(victim, chance.int('batch', 1, 10)), PAUSE_MS).unref();
    });
    unfinished += (await victim.answer('ready')).building;
    return victim;
  }

  function publish(victim: Victim<Order, Answer>, count: number): void {
    victim.send({ kind: 'publish', ids: Array.from({ length: count }, () => `e${events++}`) });
  }

  async function read(victim: Victim<Order, Answer>): Promise<Seen> {
    victim.send({ kind: 'read' });
    const seen = await victim.answer('seen');
    assert.ok(seen.counted <= seen.events, `seed ${SEED}: ${seen.counted} of ${seen.events} are counted`);
    assert.ok(seen.documents <= seen.events, `seed ${SEED}: there are ${seen.documents} of ${seen.events}`);
    return seen;
  }

  it(`never goes back through ${KILLS} kills`, async () => {
    const first = await start();
    first.send({ kind: 'publish', ids: Array.from({ length: FIRST_EVENTS }, () => `e${events++}`) });
    for (
      let seen = await read(first);
      Math.min(seen.counted, seen.documents) < FIRST_EVENTS;
      seen = await read(first)
    ) {
      await pause(20);
    }
    await first.kill();
    /**
     * What was read in each life. A generation that takes over may have begun to look
     * before the newest of these.
     */
    const past: Seen[] = [];
    // A slow machine acknowledges less in a life.
    const isEnough = () => acknowledged > FIRST_EVENTS + KILLS;
    for (let kill = 0; kill < KILLS || (!isEnough() && kill < 5 * KILLS); kill++) {
      const victim = await start();
      const seen = await read(victim);
      const before = past.at(-2);
      if (before) {
        const backs = [
          ...judgeProgress('the ranking', before.counted, seen.counted),
          ...judgeProgress('the documents', before.documents, seen.documents),
        ];
        assert.deepEqual(backs, [], `seed ${SEED}`);
      }
      past.push(seen);
      for (const id of seen.generations) generations.add(id);
      publish(victim, 5);
      victim.send({ kind: 'rebuild' });
      await pause(chance.int('life', 0, LIFE_MS));
      await victim.kill();
    }
    assert.ok(isEnough(), `${acknowledged} events were acknowledged`);
    if (KILLS < 30) return;
    assert.ok(unfinished > 0, `seed ${SEED}: no kill came while a View was built`);
    assert.ok(generations.size > 2, `seed ${SEED}: no generation has taken over`);
  }).timeout(KILLS * 60_000);

  it('counts every event once in the end, and keeps nothing that nobody needs', async () => {
    const victim = await start();
    const deadline = Date.now() + DRAIN_MS;
    for (;;) {
      const seen = await read(victim);
      const isWhole = seen.counted === seen.events && seen.documents === seen.events;
      if (isWhole && seen.building === 0 && seen.leftOver === 0) {
        assert.ok(seen.events >= acknowledged, `seed ${SEED}: ${seen.events} events of ${acknowledged}`);
        break;
      }
      assert.ok(Date.now() < deadline, `seed ${SEED}: ${JSON.stringify(seen)}`);
      await pause(100);
    }
    victim.send({ kind: 'rows' });
    const { rows } = await victim.answer('rows');
    const textOf = (counts: Counts) => counts.map(([key, count]) => [key, String(count)] as const);
    const expected = textOf(rows.log);
    const wrong = [
      ...judgeView({ what: 'the ranking', found: textOf(rows.ranking), expected }),
      ...judgeView({ what: 'the documents', found: textOf(rows.documents), expected }),
    ];
    assert.deepEqual(wrong, [], `seed ${SEED}`);
    await victim.kill();
  });
});
