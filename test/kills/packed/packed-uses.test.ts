// `tenfold serve` as it ships, killed as a whole while it is used in all that chaos uses it
// for: windows, dedupe, joins, a feed, batches, repeated requests, held keys, callbacks, large
// data, the sync of a Strangler.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type Check, settles } from '../../chaos/checks/check.ts';
import { type ChaosFunctions, startFunctions } from '../../chaos/functions/functions.ts';
import { internalSecretOf, useSiteOf } from '../../chaos/load/use-site.ts';
import { createWider, type WiderLoad } from '../../chaos/load/wider.ts';
import { widerFiles } from '../../chaos/site/wider.ts';
import { removeTempFolders, tempFolder } from '../../cli/temp-folder.ts';
import { eventually } from '../../eventually.ts';
import { type RunningProcess, startProcess } from '../../processes/start-process.ts';
import { Chance } from '../../simulation/kernel/chance.ts';
import { embeddedRecords } from './embedded-records.ts';
import { unpackPackage } from './unpack.ts';

const SEED = Number(process.env['SEED'] ?? 1);
const KILLS = Number(process.env['TENFOLD_KILLS'] ?? 5);
const LONGEST_LIFE_MS = 5000;
/** Some are killed while they start. */
const EARLY_SHARE = 0.2;
const SETTLES_WITHIN_MS = 5 * 60_000;
const NAMESPACE = 'packed';

describe(`the package as it ships, used for everything and killed ${KILLS} times (SEED=${SEED})`, function () {
  this.timeout(600_000 + KILLS * 60_000);
  const chance = new Chance(SEED);
  const wider = createWider();
  let functions: ChaosFunctions;
  let running: RunningProcess;
  let load: WiderLoad | undefined;
  let start: () => Promise<RunningProcess>;
  let directory: string;
  const all = () => [running.addresses];
  const site = useSiteOf(NAMESPACE, { gateways: all, workers: all });

  before(async () => {
    functions = await startFunctions({ handlers: wider.handlers, counted: [], chance });
    const packed = unpackPackage(tempFolder());
    directory = tempFolder(widerFiles(NAMESPACE, functions.url));
    const env = { TENFOLD_INTERNAL_SECRET: internalSecretOf(NAMESPACE), TENFOLD_CALLBACKS_HOSTS: '127.0.0.0/8' };
    start = () => startProcess({ role: 'serve', directory, packed, env });
    running = await start();
  });
  after(async () => {
    load?.abandon();
    await running?.end('SIGKILL');
    functions?.close();
    removeTempFolders();
  });

  it('takes what clients have, each time it is back', async () => {
    load = wider.start(site, functions.url);
    for (let kill = 0; kill < KILLS; kill++) {
      await pause(chance.int('life', 0, LONGEST_LIFE_MS));
      await running.end('SIGKILL');
      running = await start();
      if (!chance.happens('killed early', EARLY_SHARE)) await eventually(() => running.isReady(), 'it is ready again');
    }
    await eventually(() => running.isReady(), 'it is ready');
    await load.stop();
    console.log(`      ${wider.figures()}`);
    assert.deepEqual(
      load.senders.flatMap(({ wrong }) => wrong),
      [],
    );
  });

  it('has kept every promise', async () => {
    const records = embeddedRecords(join(directory, '.tenfold/data/tenfold.db'), NAMESPACE);
    const failed: string[] = [];
    const end = performance.now() + SETTLES_WITHIN_MS;
    const look = async (check: Check) => {
      const differs = await settles(check, end - performance.now());
      if (differs !== undefined) failed.push(differs);
    };
    // What is acknowledged on a disk is never forgotten.
    for (const check of wider.checks({ site, records, mayHaveForgotten: () => false })) await look(check);
    assert.deepEqual(failed, [], `seed ${SEED}`);
  });
});
