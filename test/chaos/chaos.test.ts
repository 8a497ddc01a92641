// A whole installation under load while its parts are killed, stopped and replaced, from a seed; in the end nothing that was acknowledged is missing, and each
// key was in order. `SEED=7 CHAOS_SECONDS=600 make test-chaos`.
import assert from 'node:assert/strict';
import { removeTempFolders } from '../cli/temp-folder.ts';
import { eventually } from '../eventually.ts';
import { kafka } from '../services/kafka.ts';
import { redis } from '../services/redis.ts';
import { findService } from '../services/service.ts';
import { Chance } from '../simulation/kernel/chance.ts';
import { injectFaults } from './faults.ts';
import { type ChaosFunction, startChaosFunction } from './function-server.ts';
import { startLoad } from './load.ts';
import { createModel } from './model.ts';
import { type Site, startSite } from './site.ts';

const SEED = Number(process.env['SEED'] ?? Date.now() % 1_000_000);
const SECONDS = Number(process.env['CHAOS_SECONDS'] ?? 60);
const MINUTE = 60_000;
/** All at once would be another test. */
const READERS = 16;

if (findService(kafka) && findService(redis))
  describe('chaos', function () {
    this.timeout(SECONDS * 1000 + 10 * MINUTE);
    const chance = new Chance(SEED);
    const model = createModel();
    const tell = (line: string) => process.stdout.write(`      ${line}\n`);
    let fn: ChaosFunction;
    let site: Site;

    before(async () => {
      fn = await startChaosFunction(model, chance);
      site = await startSite(fn.url);
      await eventually(() => site.isReady(), 'all are ready', 3 * MINUTE);
    });
    after(async () => {
      await site?.close();
      fn?.close();
      removeTempFolders();
    });

    it(`leaves nothing lost and nothing out of order (SEED=${SEED}, ${SECONDS} s)`, async () => {
      const wrong: string[] = [];
      const load = startLoad({
        keys: 8,
        everyMs: 40,
        model,
        door: () => site.door(),
        wrong: what => void wrong.push(what),
      });
      const until = Date.now() + SECONDS * 1000;
      const injected = await injectFaults({ site, fn, chance, until, tell });
      await eventually(() => site.isReady(), 'all are ready again', 2 * MINUTE);
      await load.stop();
      const refused = [...load.refused].map(([what, count]) => `${count} ${what}`).join(', ');
      tell(`${injected.length} faults, ${model.all().length} events acknowledged; not at once: ${refused || 'none'}`);
      const open = () => model.open();
      await eventually(() => open().length === 0, 'all that was acknowledged is handled', 3 * MINUTE).catch(error => {
        assert.fail(`seed ${SEED}: ${error.message}; open: ${open().length}, ${open().slice(0, 10).join(', ')}`);
      });
      tell(`${model.calls} calls, ${model.repeats} of them again`);
      assert.deepEqual([...model.wrong, ...wrong, ...site.deaths()], [], `seed ${SEED}`);
      await assertRows();
    });

    /** The View has what was acknowledged, whichever gateway is asked. */
    async function assertRows(): Promise<void> {
      const ids = [...model.all()];
      const missing = () =>
        Promise.all(
          Array.from({ length: READERS }, async () => {
            for (let id = ids.pop(); id !== undefined; id = ids.pop()) {
              const url = `${site.door()}/rows?key=${id}`;
              let last = '';
              const isThere = async () => {
                const response = await fetch(url);
                last = `${response.status} ${await response.text()}`;
                return response.status === 200;
              };
              await eventually(isThere, `seed ${SEED}: the View has ${id}`, MINUTE).catch(error => {
                throw new Error(`${error.message}; it answers ${last}`);
              });
            }
          }),
        );
      await missing();
    }
  });
