// kill -9 of a whole process at random moments under load, many times; after each restart nothing
// acknowledged is missing, and in the end all is done.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Chance } from '../simulation/kernel/chance.ts';
import { type FunctionServer, startFunctionServer } from './function-server.ts';
import { PARTITIONS, type StoredEvent } from './protocol.ts';
import { bundleVictim, Victim } from './victim-process.ts';

const KILLS = Number(process.env['KILLS'] ?? 20);
const SEED = Number(process.env['SEED'] ?? Date.now() % 1_000_000);
/** Longest life after the start of the process and after it is ready, milliseconds. */
const LIFE_MS = 250;
const DRAIN_MS = 5 * 60_000;
/** Between an answer and the next events, milliseconds. */
const PAUSE_MS = 20;

describe('a process that is killed', () => {
  const chance = new Chance(SEED);
  const acknowledged = new Map<string, StoredEvent>();
  let folder = '';
  let server: FunctionServer;
  let program: Awaited<ReturnType<typeof bundleVictim>>;
  let running: Victim | undefined;
  let events = 0;
  /** The victim has shown what it holds below these offsets. */
  const checked = Array.from({ length: PARTITIONS }, () => 0);

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tenfold-kills-'));
    program = await bundleVictim(folder);
    // One key always fails; of the others every tenth attempt.
    server = await startFunctionServer(({ key }) => key === 'k0' || chance.happens('function fails', 0.1));
  });

  after(async () => {
    await running?.kill().catch(() => {});
    server.close();
    await rm(folder, { recursive: true, force: true });
  });

  function start(): Victim {
    const victim: Victim = new Victim(program.victim, [join(folder, 'events.db'), server.url, program.thread]);
    running = victim;
    victim.onAnswer(answer => {
      if (answer.kind !== 'published') return;
      for (const event of answer.events) {
        acknowledged.set(event.id, event);
        server.stored(event);
      }
      // Not faster than events are handled: what is left at the end has to be worked
      // within the time of a test.
      setTimeout(() => publish(victim), PAUSE_MS).unref();
    });
    return victim;
  }

  function publish(victim: Victim): void {
    const batch = Array.from({ length: chance.int('batch', 1, 4) }, () => {
      return { id: `e${events++}`, key: chance.happens('poisoned', 0.02) ? 'k0' : `k${chance.int('key', 1, 5)}` };
    });
    victim.send({ kind: 'publish', events: batch });
  }

  /**
   * What was acknowledged is there, at its place; what is there besides must be delivered as well.
   */
  async function check(victim: Victim): Promise<void> {
    victim.send({ kind: 'read', from: [...checked] });
    const { events: stored } = await victim.answer('stored');
    const ids = new Map(stored.map(event => [event.id, event]));
    for (const event of acknowledged.values()) {
      if (event.offset < (checked[event.partition] ?? 0)) continue;
      assert.deepEqual(ids.get(event.id), event, `seed ${SEED}: event ${event.id} was acknowledged`);
    }
    for (const event of stored) {
      server.stored(event);
      checked[event.partition] = Math.max(checked[event.partition] ?? 0, event.offset + 1);
    }
    assert.deepEqual(server.wrong, [], `seed ${SEED}`);
  }

  it(`loses nothing, keeps the order and counts attempts through ${KILLS} kills`, async () => {
    // A slow machine acknowledges less in a life.
    const isEnough = () => acknowledged.size > KILLS;
    for (let kill = 0; kill < KILLS || (!isEnough() && kill < 5 * KILLS); kill++) {
      const victim = start();
      // Some are killed while they start.
      if (chance.happens('killed early', 0.1)) await pause(chance.int('early', 0, LIFE_MS));
      else {
        await victim.answer('ready');
        await check(victim);
        publish(victim);
        publish(victim);
        await pause(chance.int('life', 0, LIFE_MS));
      }
      await victim.kill();
      server.killed();
    }
    assert.ok(isEnough(), `${acknowledged.size} events were acknowledged`);
  }).timeout(KILLS * 60_000);

  it('comes to an end with everything, and remembers that it has', async () => {
    const victim = start();
    await victim.answer('ready');
    await check(victim);
    const deadline = Date.now() + DRAIN_MS;
    let seen = await look(victim);
    while (seen.lag !== 0 || !seen.isCommitted || server.open().length > 0) {
      assert.ok(Date.now() < deadline, `seed ${SEED}: lag ${seen.lag}, open: ${server.open().slice(0, 20)}`);
      await pause(50);
      seen = await look(victim);
    }
    assert.deepEqual(server.wrong, [], `seed ${SEED}`);
    assert.deepEqual(server.ends(seen.dead), [], `seed ${SEED}`);
    await victim.kill();
    const before = server.calls;
    const next = start();
    await next.answer('ready');
    for (let lag = (await look(next)).lag; lag !== 0; lag = (await look(next)).lag) await pause(20);
    await pause(300);
    assert.equal(server.calls, before, `seed ${SEED}: delivered again`);
    await next.kill();
  });

  async function look(victim: Victim) {
    victim.send({ kind: 'look' });
    return victim.answer('seen');
  }
});
