// kill -9 of a process that archives, again and again while its files roll over: every event is in
// exactly one file in the end.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { judgeArchive } from '../../judge/archive.ts';
import { Chance } from '../../simulation/kernel/chance.ts';
import { bundleVictim, Victim } from '../victim-process.ts';
import type { Answer, Order } from './protocol.ts';

const KILLS = Number(process.env['ARCHIVE_KILLS'] ?? 12);
const SEED = Number(process.env['SEED'] ?? Date.now() % 1_000_000);
/** Longest life of a process after it is ready, milliseconds. */
const LIFE_MS = 400;
const DRAIN_MS = 5 * 60_000;
/** Between an answer and the next events. */
const PAUSE_MS = 5;

describe('a process that is killed while it archives', () => {
  const chance = new Chance(SEED);
  const acknowledged = new Set<string>();
  let folder = '';
  let program: Awaited<ReturnType<typeof bundleVictim>>;
  let running: Victim<Order, Answer> | undefined;
  let events = 0;
  let unfinished = 0;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tenfold-archive-kills-'));
    program = await bundleVictim(join(folder, 'program'), 'test/kills/archive/victim.ts');
  });
  after(async () => {
    await running?.kill().catch(() => {});
    await rm(folder, { recursive: true, force: true });
  });

  async function start(): Promise<Victim<Order, Answer>> {
    const victim = new Victim<Order, Answer>(program.victim, [join(folder, 'data'), program.thread]);
    running = victim;
    victim.onAnswer(answer => {
      if (answer.kind !== 'published') return;
      for (const id of answer.ids) acknowledged.add(id);
      setTimeout(() => publish(victim), PAUSE_MS).unref();
    });
    const ready = await victim.answer('ready');
    unfinished += ready.unfinished;
    return victim;
  }

  function publish(victim: Victim<Order, Answer>): void {
    const ids = Array.from({ length: chance.int('batch', 1, 6) }, () => `e${events++}`);
    victim.send({ kind: 'publish', ids });
  }

  it(`goes through ${KILLS} kills`, async () => {
    // A slow machine acknowledges less in a life.
    const isEnough = () => acknowledged.size > KILLS && (KILLS < 30 || unfinished > 0);
    for (let kill = 0; kill < KILLS || (!isEnough() && kill < 5 * KILLS); kill++) {
      const victim = await start();
      publish(victim);
      await pause(chance.int('life', 0, LIFE_MS));
      await victim.kill();
    }
    assert.ok(isEnough(), `${acknowledged.size} events were acknowledged`);
    if (KILLS >= 30) assert.ok(unfinished > 0, `seed ${SEED}: no kill came while files were made`);
  }).timeout(KILLS * 60_000);

  it('has every event in exactly one file in the end, and no file that nobody knows of', async () => {
    const victim = await start();
    const deadline = Date.now() + DRAIN_MS;
    for (;;) {
      victim.send({ kind: 'look' });
      const { behind } = await victim.answer('seen');
      if (behind === 0) break;
      assert.ok(Date.now() < deadline, `seed ${SEED}: ${behind} behind`);
      await pause(50);
    }
    victim.send({ kind: 'collect' });
    const { files } = await victim.answer('collected');
    const wrong = judgeArchive({
      files: new Map(files.map(({ key, ids }) => [key, ids.map(id => ({ id }))])),
      noted: new Set(files.filter(({ noted }) => noted).map(({ key }) => key)),
      expected: acknowledged,
      mayHave: id => Number(id.slice(1)) < events,
    });
    assert.deepEqual(wrong, [], `seed ${SEED}`);
    // How many a life has time for depends on the machine.
    assert.ok(files.length > 3, `${files.length} files`);
    await victim.kill();
  });
});
