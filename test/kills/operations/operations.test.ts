// Kills the process that redrives many dead letters, again and again. Each is redriven once and in
// the order of its key, or reported.
import assert from 'node:assert/strict';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { removeTempFolders, tempFolder } from '../../cli/temp-folder.ts';
import { bundleVictim, Victim } from '../victim-process.ts';
import { type Answer, GROUPS, KEYS, type Order, type Phase } from './protocol.ts';

/** `TENFOLD_OPERATIONS=100000x20`: so many dead letters, and kills. */
const [COUNT = 0, KILLS = 0] = (process.env['TENFOLD_OPERATIONS'] ?? '5000x6').split('x').map(Number);
const KILLED = 'killed';

describe(`an operation on ${COUNT} dead letters whose process is killed ${KILLS} times`, function () {
  this.timeout(30 * 60_000);
  let folder = '';
  let handledFile = '';
  let bundle: Awaited<ReturnType<typeof bundleVictim>>;
  let victim: Victim<Order, Answer> | undefined;

  const ask = async <K extends Answer['kind']>(order: Order, kind: K) => {
    assert.ok(victim);
    const answer = victim.answer(kind);
    victim.send(order);
    return answer;
  };
  const start = async (phase: Phase) => {
    victim = new Victim(bundle.victim, [join(folder, 'tenfold.db'), handledFile, bundle.thread, phase]);
    await victim.answer('ready');
  };
  const kill = async () => {
    await victim?.kill();
    victim = undefined;
    appendFileSync(handledFile, `${KILLED}\n`);
  };

  before(async () => {
    folder = tempFolder();
    handledFile = join(folder, 'handled.txt');
    writeFileSync(handledFile, '');
    bundle = await bundleVictim(folder, 'test/kills/operations/victim.ts');
    await start('broken');
    await ask({ kind: 'publish', count: COUNT }, 'published');
    while ((await ask({ kind: 'look' }, 'seen')).dead < COUNT);
    await kill();
    await start('mended');
  });
  after(async () => {
    await victim?.kill();
    removeTempFolders();
  });

  it('redrives each once, in the order of its key, and has a result for each', async () => {
    const began = performance.now();
    const { id, total, groups } = await ask({ kind: 'begin', count: COUNT }, 'begun');
    assert.deepEqual([total, groups], [COUNT, GROUPS]);
    const look = async () => {
      const { report, ...rest } = await ask({ kind: 'look', id }, 'seen');
      assert.ok(report);
      return { ...rest, report };
    };
    let kills = 0;
    for (let killAt = COUNT / (KILLS + 1); kills < KILLS; killAt += COUNT / (KILLS + 1)) {
      let report = (await look()).report;
      while (report.state === 'running' && report.total - report.left < killAt) report = (await look()).report;
      if (report.state !== 'running') break;
      await kill();
      kills++;
      await start('mended');
    }
    assert.equal(kills, KILLS, 'it was killed as often while it ran');
    let seen = await look();
    while (seen.report.state === 'running' || seen.dead > 0 || seen.lag !== 0) seen = await look();
    const { state, left, inDoubt, done, refused } = seen.report;
    assert.deepEqual([state, left, done + refused + inDoubt], ['done', 0, COUNT]);
    const { outcomes, ids } = await ask({ kind: 'results', id }, 'results');
    assert.deepEqual([ids, outcomes['done'] ?? 0, outcomes['in-doubt'] ?? 0], [COUNT, done, inDoubt]);
    assert.equal(refused, 0);
    const repeated = judge(readFileSync(handledFile, 'utf8').trim().split('\n'));
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    console.log(`      ${done} redriven, ${inDoubt} in doubt, ${repeated} delivered again after a kill, ${seconds} s`);
  });
});

/** Returns how many deliveries came again, which only a kill between them explains. */
function judge(lines: readonly string[]): number {
  const lifeOf = new Map<string, number>();
  const lastOf = new Map<string, number>();
  let life = 0;
  let repeated = 0;
  for (const line of lines) {
    if (line === KILLED) {
      life++;
      continue;
    }
    const [partition, key = '', offset] = line.split(' ');
    const event = `${partition}-${offset}`;
    const before = lifeOf.get(event);
    if (before !== undefined) {
      repeated++;
      assert.equal(before, life - 1, `${event} was delivered twice without a kill between`);
    } else {
      assert.ok(Number(offset) > (lastOf.get(key) ?? -1), `${event} of ${key} came after a later one`);
      lastOf.set(key, Number(offset));
    }
    lifeOf.set(event, life);
  }
  assert.deepEqual([lifeOf.size, lastOf.size], [COUNT, KEYS]);
  return repeated;
}
