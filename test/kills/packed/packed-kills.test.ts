// `tenfold serve` as it ships, killed as a whole again and again under load, and judged by the
// model of chaos. `SEED=7 TENFOLD_KILLS=200` asks for other moments, or more of them.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type Check, settles } from '../../chaos/checks/check.ts';
import { endChecks } from '../../chaos/checks/ends.ts';
import { viewChecks } from '../../chaos/checks/views.ts';
import { type ChaosFunctions, startFunctions } from '../../chaos/functions/functions.ts';
import { type Load, startLoad } from '../../chaos/load/load.ts';
import { createModel } from '../../chaos/model/model.ts';
import { applicationFiles, PARTITIONS } from '../../chaos/site/application.ts';
import { removeTempFolders, tempFolder } from '../../cli/temp-folder.ts';
import { eventually } from '../../eventually.ts';
import { type RunningProcess, startProcess } from '../../processes/start-process.ts';
import { Chance } from '../../simulation/kernel/chance.ts';
import { embeddedRecords } from './embedded-records.ts';
import { unpackPackage } from './unpack.ts';

const SEED = Number(process.env['SEED'] ?? 1);
const KILLS = Number(process.env['TENFOLD_KILLS'] ?? 5);
const LONGEST_LIFE_MS = 4000;
/** Some are killed while they start. */
const EARLY_SHARE = 0.2;
const SETTLES_WITHIN_MS = 5 * 60_000;
const NAMESPACE = 'packed';

describe(`the package as it ships, killed ${KILLS} times (SEED=${SEED})`, function () {
  this.timeout(600_000 + KILLS * 60_000);
  const chance = new Chance(SEED);
  const model = createModel(chance);
  let functions: ChaosFunctions;
  let running: RunningProcess;
  let load: Load | undefined;
  let start: () => Promise<RunningProcess>;
  let directory: string;

  before(async () => {
    functions = await startFunctions({ handlers: model.handlers, counted: ['limited'], chance });
    const packed = unpackPackage(tempFolder());
    directory = tempFolder(
      applicationFiles({ namespace: NAMESPACE, functions: functions.url, partitions: PARTITIONS }),
    );
    start = () => startProcess({ role: 'serve', directory, packed });
    running = await start();
  });
  after(async () => {
    load?.abandon();
    await running?.end('SIGKILL');
    functions?.close();
    removeTempFolders();
  });

  const killed = async (): Promise<void> => {
    const over = model.disturbances.disturbed();
    await running.end('SIGKILL');
    running = await start();
    if (!chance.happens('killed early', EARLY_SHARE)) await eventually(() => running.isReady(), 'it is ready again');
    over();
  };

  it('takes what clients have, each time it is back', async () => {
    load = startLoad(model, () => running.addresses.public ?? '');
    for (let kill = 0; kill < KILLS; kill++) {
      await pause(chance.int('life', 0, LONGEST_LIFE_MS));
      await killed();
    }
    await eventually(() => running.isReady(), 'it is ready');
    await load.stop();
    const { deliveries, jobs, fanOuts } = model;
    const refused = [...load.sender.refused].map(([what, count]) => `${count} ${what}`).join(', ');
    console.log(
      `      ${deliveries.all().length} events, ${jobs.count} jobs, ${fanOuts.count} fan-outs acknowledged; not at once: ${refused || 'none'}`,
    );
    assert.deepEqual(load.sender.wrong, []);
    assert.ok(deliveries.all().length > KILLS, 'there was load');
  });

  it('has kept every promise', async () => {
    const site = {
      namespace: NAMESPACE,
      publicAddress: () => running.addresses.public ?? '',
      admin: (path: string) => running.admin(path),
    };
    const records = embeddedRecords(join(directory, '.tenfold/data/tenfold.db'), NAMESPACE);
    const subject = { site, model, records };
    const failed: string[] = [];
    const look = async (check: Check) => {
      const differs = await settles(check, SETTLES_WITHIN_MS);
      if (differs !== undefined) failed.push(differs);
    };
    for (const check of [...endChecks(subject), ...viewChecks(subject)]) await look(check);
    console.log(
      `      ${model.deliveries.calls} deliveries, ${model.deliveries.repeats} of them again; at most ${model.budget.most} calls of the limited function at a time`,
    );
    assert.deepEqual([...failed, ...model.wrong()], [], `seed ${SEED}`);
  });

  it('stops cleanly in the end, and has all of it when it is started again', async () => {
    assert.equal(await running.end('SIGTERM'), 0);
    running = await start();
    await eventually(() => running.isReady(), 'it is ready');
    assert.deepEqual(model.deliveries.open(), []);
    assert.deepEqual(model.wrong(), []);
  });
});
