// Back-ups of `tenfold serve` as it ships, taken under load, some of them killed in the middle, and
// restored elsewhere: all that was acknowledged before is there, and every promise holds from there
// on. `SEED=7 TENFOLD_RESTORES=20` asks for other moments, or more of them.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import * as z from 'zod';
import { type CliResult, runCli } from '../../cli/run-cli.ts';
import { removeTempFolders, tempFolder } from '../../cli/temp-folder.ts';
import { eventually } from '../../eventually.ts';
import { type RunningProcess, startProcess, TOKEN } from '../../processes/start-process.ts';
import { Chance } from '../../simulation/kernel/chance.ts';
import { embeddedRecords } from '../packed/embedded-records.ts';
import { unpackPackage } from '../packed/unpack.ts';
import { applicationFiles, KEYS } from './application.ts';
import { type Functions, startFunctions } from './functions.ts';
import { type Acknowledged, idOf, keyOf, type Load, publish, type SentJob, startLoad } from './load.ts';
import { countBy, differences, idsOf, lostOrTwice, notTaken, takenTooEarly, windowsOf, windowsSaid } from './oracle.ts';

const SEED = Number(process.env['SEED'] ?? 1);
const RESTORES = Number(process.env['TENFOLD_RESTORES'] ?? 2);
const KILLED_SHARE = 0.5;
/** Acknowledged orders before each back-up, about. */
const ORDERS = 150;
/**
 * Numbers of orders in each life begin at a multiple of it; those that close all
 * windows are far behind all.
 */
const LIFE = 8 * 10_000;
const CLOSERS = 8 * 1_000_000;

const scores = z.object({ items: z.array(z.object({ member: z.string(), score: z.number() })) });

const chance = new Chance(SEED);
let functions: Functions;
let packed: string;
let directory: string;
let running: RunningProcess;
let load: Load | undefined;
/** Ids in the log of each life. */
const logs: string[][] = [];
/** What nobody had taken when a back-up ended, and since which life it is owed. */
const owed: { readonly id: string; readonly life: number }[] = [];
/** Those that every restored platform must know. */
let jobs: readonly SentJob[] = [];
let unfinished = 0;

const command = (...words: string[]): Promise<CliResult> => runCli(words, { main: packed, cwd: directory });
const remote = (...words: string[]) => command(...words, '--admin', running.addresses.admin, '--token', TOKEN);
const start = () => startProcess({ role: 'serve', directory, packed });
const recordsOf = (topic: string) =>
  embeddedRecords(join(directory, '.tenfold/data/tenfold.db'), 'default').byPartition(topic);
const ready = () => eventually(() => running.isReady(), 'it is ready');
const address = () => running.addresses.public ?? '';

/** Answers with the folder of one that is whole, and what was acknowledged when it was begun. */
const backUp = async () => {
  const target = join(tempFolder(), 'backup');
  for (;;) {
    const kills = chance.happens('killed', KILLED_SHARE);
    const acknowledged = load?.acknowledged();
    assert.ok(acknowledged);
    // A slow one is killed in the middle.
    const made = remote('backup', target, ...(kills ? ['--rate', '1'] : []));
    if (kills) {
      await eventually(() => existsSync(`${target}.unfinished`) || existsSync(target), 'it was begun');
      await pause(chance.int('amid', 0, 300));
      await running.end('SIGKILL');
      const { code, stderr } = await made;
      running = await start();
      await ready();
      // It was done before it was killed, or there is nothing that could be taken for a back-up.
      if (existsSync(target)) return { target, acknowledged };
      assert.notEqual(code, 0, stderr);
      unfinished++;
      const other = tempFolder({});
      const refused = await command('restore', `${target}.unfinished`, other);
      assert.notEqual(refused.code, 0);
      await load?.stop();
      // All of it was acknowledged before the process was killed.
      if (load) kept.push(load.acknowledged());
      load = startLoad(address(), nextOrder());
      await eventually(() => (load?.orders() ?? 0) > 20, 'orders are taken again');
      continue;
    }
    const { code, stderr, stdout } = await made;
    assert.equal(code, 0, stderr);
    assert.match(stdout, /all as it was at .* objects with/);
    return { target, acknowledged };
  }
};
/** Of loads that ended before the next back-up began. */
let kept: Acknowledged[] = [];
let loads = 0;
const nextOrder = () => LIFE * loads++;

describe(`a back-up of the package as it ships, restored ${RESTORES} times (SEED=${SEED})`, () => {
  before(async () => {
    functions = await startFunctions(chance);
    packed = unpackPackage(tempFolder());
    directory = tempFolder(applicationFiles(functions.url));
    running = await start();
    await ready();
  });
  after(async () => {
    await running?.end('SIGKILL');
    await load?.stop();
    functions?.close();
    removeTempFolders();
  });

  it('has all that was acknowledged before it began, once and in order, wherever it is restored', async () => {
    for (let restore = 0; restore < RESTORES; restore++) {
      load = startLoad(address(), nextOrder());
      const enough = ORDERS + chance.int('more', 0, ORDERS);
      await eventually(() => (load?.orders() ?? 0) > enough, 'there is load');
      kept = [];
      // What is parked must be in it, too.
      functions.refuse(true);
      const parked = enough + 40;
      await eventually(() => (load?.orders() ?? 0) > parked, 'some are refused');
      const { target, acknowledged } = await backUp();
      const taken = new Set(functions.taken.map(({ id }) => id));
      await pause(chance.int('then', 0, 1000));
      await running.end('SIGKILL');
      await load.stop();
      logs.push(idsOf(await recordsOf('orders')).flat());

      directory = tempFolder(applicationFiles(functions.url));
      const restored = await command('restore', target);
      assert.equal(restored.code, 0, restored.stderr);
      const examined = await command('doctor');
      assert.equal(examined.code, 0, examined.stdout + examined.stderr);
      const ids = idsOf(await recordsOf('orders'));
      kept.push(acknowledged);
      const orders = new Set(kept.flatMap(({ orders: those }) => [...those]));
      assert.deepEqual(lostOrTwice(orders, ids), [], `restore ${restore}`);
      for (const id of ids.flat()) if (!taken.has(id)) owed.push({ id, life: logs.length });
      jobs = [...jobs, ...kept.flatMap(({ jobs: those }) => those)];
      functions.newLife();
      functions.refuse(false);
      running = await start();
      await ready();
    }
    load = startLoad(address(), nextOrder());
    await eventually(() => (load?.orders() ?? 0) > ORDERS, 'orders are taken as before');
    await load.stop();
    jobs = [...jobs, ...load.acknowledged().jobs];
    for (let key = 0; key < KEYS; key++) {
      const close = async () => (await publish(address(), CLOSERS + key)) !== undefined;
      await eventually(close, `the order ${idOf(CLOSERS + key)} that closes windows is taken`);
    }
    assert.ok(existsSync(join(directory, '.tenfold/data/tenfold.db')));
    console.log(`      ${unfinished} back-ups were killed, ${owed.length} orders were to be delivered again`);
  });

  it('delivers each order that is in it, in the order of its key', async () => {
    const ids = idsOf(await recordsOf('orders')).flat();
    await eventually(() => notTaken(ids, functions.taken).length === 0, 'all are delivered').catch(error => {
      throw new Error(notTaken(ids, functions.taken).slice(0, 5).join(), { cause: error });
    });
    logs.push(ids);
    assert.deepEqual(takenTooEarly(functions.taken, logs).slice(0, 5), []);
    const again = owed.filter(({ id, life }) => !functions.taken.some(one => one.id === id && one.life >= life));
    assert.ok(owed.length > 0);
    assert.deepEqual(again.slice(0, 5), [], 'what was not taken when the back-up ended is delivered from it');
  });

  it('counts each order once, in rankings, tables, windows and archives', async () => {
    const partitions = idsOf(await recordsOf('orders'));
    assert.ok(partitions.every(ids => ids.length > 0));
    const ids = partitions.flat();
    const totals = async () => {
      const answer = await fetch(`${address()}/totals?top=50`);
      if (!answer.ok) return ['no answer'];
      const { items } = scores.parse(await answer.json());
      const found = new Map(items.map(({ member, score }) => [member, score]));
      return differences('score of', found, countBy(ids, keyOf));
    };
    const windows = async () => {
      const { found, unsound } = windowsSaid((await recordsOf('sums')).flat());
      const counted = ids.filter(id => Number(id.split('.')[1]) < CLOSERS);
      return [...unsound, ...differences('window', found, windowsOf(counted, Number.POSITIVE_INFINITY))];
    };
    const archived = async () => {
      const { code, stdout, stderr } = await remote('sql', 'SELECT id FROM kept', '--rows', '1000000', '-o', 'json');
      if (code !== 0) return [stderr];
      const rows = z.array(z.object({ id: z.string() })).parse(JSON.parse(stdout));
      return differences(
        'archived',
        countBy(
          rows.map(({ id }) => id),
          id => id,
        ),
        countBy(ids, id => id),
      );
    };
    for (const [what, look] of Object.entries({ totals, windows, archived })) {
      let differs: readonly string[] = [];
      const isRight = async () => {
        differs = await look();
        return differs.length === 0;
      };
      await eventually(isRight, what).catch(error => {
        throw new Error(`${what}: ${differs.length} differ: ${differs.slice(0, 5).join('; ')}`, { cause: error });
      });
    }
  });

  it('knows each job, and works it', async () => {
    assert.ok(jobs.length > 0);
    for (const { n, path } of jobs) {
      let said = '';
      const isDone = async () => {
        const answer = await fetch(`${address()}${path}/result`);
        said = `${answer.status} ${await answer.text()}`;
        return said === `200 ${JSON.stringify({ doubled: 2 * n })}`;
      };
      await eventually(isDone, `job ${n}`).catch(error => {
        throw new Error(`job ${n} at ${path}: ${said}`, { cause: error });
      });
    }
  });

  it('is found sound by the doctor as it ships, and damage in it is named', async () => {
    const sound = await remote('doctor', '--online');
    assert.equal(sound.code, 0, sound.stderr);
    assert.match(sound.stderr, /all are as they were written/);
    const folder = join(directory, '.tenfold/data/blobs/expiring');
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).map(name => join(folder, name));
    const file = files.find(path => statSync(path).isFile() && statSync(path).size > 1000) ?? '';
    const bytes = readFileSync(file);
    bytes.writeUInt8(bytes.readUInt8(500) ^ 1, 500);
    writeFileSync(file, bytes);
    const online = await remote('doctor', '--online');
    assert.deepEqual([online.code, /the data of the event .* of Topic default\/orders/.test(online.stderr)], [1, true]);
    assert.equal(await running.end('SIGTERM'), 0);
    const offline = await command('doctor');
    assert.deepEqual([offline.code, /of Topic default\/orders/.test(offline.stdout)], [1, true], offline.stdout);
  });
});
