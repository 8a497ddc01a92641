// A whole installation under load while its parts are killed, stopped, cut off and replaced, from a
// seed; in the end every promise has held. `SEED=7 CHAOS_SECONDS=600 make test-chaos`.
import assert from 'node:assert/strict';
import { setTimeout } from 'node:timers/promises';
import { removeTempFolders } from '../cli/temp-folder.ts';
import { eventually } from '../eventually.ts';
import { elasticsearch } from '../services/elasticsearch.ts';
import { kafka } from '../services/kafka.ts';
import { redis } from '../services/redis.ts';
import { s3 } from '../services/s3.ts';
import { canStart } from '../services/service.ts';
import { Chance } from '../simulation/kernel/chance.ts';
import { archiveCheck } from './checks/archive.ts';
import { type Check, settles } from './checks/check.ts';
import { endChecks } from './checks/ends.ts';
import { keptChecks } from './checks/kept.ts';
import { openRecords, type Records } from './checks/records.ts';
import { viewChecks } from './checks/views.ts';
import { faultKinds } from './faults/all.ts';
import { type ChaosFunctions, startFunctions } from './functions/functions.ts';
import { type Injected, injectFaults } from './inject.ts';
import { type Load, startLoad } from './load/load.ts';
import { useSiteOf } from './load/use-site.ts';
import { createWider, type WiderLoad } from './load/wider.ts';
import { createModel } from './model/model.ts';
import { type Site, startSite } from './site/site.ts';
import type { Slot } from './site/slot.ts';
import { symptomsOf } from './site/symptoms.ts';
import { type Asked, askedText, createStoryAsker, type StoryAsker } from './stories/ask.ts';
import { watchHandled } from './stories/handled.ts';

const DAY_MS = 86_400_000;
/** Of the day, unless it is said. */
const SEED = Number(process.env['SEED'] ?? Math.floor(Date.now() / DAY_MS));
const SECONDS = Number(process.env['CHAOS_SECONDS'] ?? 60);
/** `CHAOS_SECONDS=60`: all kinds, as at night. Else every third, other ones for the next seed. */
const PARTS = process.env['CHAOS_SECONDS'] === undefined && process.env['FAULTS'] === undefined ? 3 : 1;
/** `FAULTS='Redis|worker'`: only kinds with that in their names. */
const ONLY = new RegExp(process.env['FAULTS'] ?? '');
/**
 * `CHAOS_HOLD=30`: when a promise is broken, all goes on running for so many
 * minutes, to be looked at.
 */
const HOLD_MINUTES = Number(process.env['CHAOS_HOLD'] ?? 0);
/** Stories of random events that are compared with the model once all is at rest. */
const STORIES = Number(process.env['CHAOS_STORIES'] ?? 150);
/**
 * So many at least are asked for while things break: else nobody would have looked. A story that
 * needs a broker that is away is refused, so a short run says nothing of how many are told.
 */
const LEAST_ASKED = PARTS === 1 ? 0.3 * SECONDS : 3;
/** A run of so many seconds has quiet moments, and must tell some. */
const LONG_RUN = 600;
const MINUTE = 60_000;
/** At night there is time for what is as long in the world. */
const LONGEST_OUTAGE_MS = SECONDS >= 600 ? MINUTE : 8000;
/**
 * So many of the events at least are tried while nothing excuses an attempt too many: else
 * nobody would have looked.
 */
const STRICT_SHARE = 0.1;
const STARTS_WITHIN_MS = 10 * MINUTE;
const HEALS_WITHIN_MS = 5 * MINUTE;
/** By which the store loses what was written in the last second. */
const FORGETFUL = ['Redis killed', 'Redis loads its data', 'Redis fails over'];
const SPREAD_MS = 2000;

if ([kafka, redis, elasticsearch, s3].every(kind => canStart(kind)))
  describe('chaos', function () {
    this.timeout(SECONDS * 1000 + (25 + HOLD_MINUTES) * MINUTE);
    const chance = new Chance(SEED);
    const model = createModel(chance);
    const wider = createWider();
    const kinds = faultKinds.filter(({ name }, index) => ONLY.test(name) && index % PARTS === SEED % PARTS);
    const tell = (line: string) => process.stdout.write(`      ${line}\n`);
    let functions: ChaosFunctions;
    let site: Site;
    let records: Records;
    let load: Load | undefined;
    let widerLoad: WiderLoad | undefined;
    const injected: Injected[] = [];
    let began = 0;
    let checks: readonly Check[];
    let stories: StoryAsker;
    let asking: ReturnType<StoryAsker['startMeanwhile']> | undefined;
    let meanwhile: Asked | undefined;
    let observed: Records;

    const useSite = () => {
      const addressesOf = (slots: readonly Slot[]) => () => slots.map(({ running }) => running.addresses);
      return useSiteOf(site.namespace, { gateways: addressesOf(site.gateways), workers: addressesOf(site.workers) });
    };

    before(async () => {
      const handled = watchHandled({ ...model.handlers, ...wider.handlers });
      functions = await startFunctions({
        handlers: handled.handlers,
        counted: ['limited'],
        chance,
      });
      site = await startSite(functions.url);
      records = openRecords(site);
      observed = openRecords(site, 'story-observer');
      stories = createStoryAsker({ site: useSite(), records: observed, handled, chance });
      const subject = { site, model, records };
      const mayHaveForgotten = (from: number, until: number) =>
        injected.some(
          ({ kind, at, until: over }) =>
            FORGETFUL.includes(kind) &&
            began + 1000 * at <= until + SPREAD_MS &&
            began + 1000 * over >= from - SPREAD_MS,
        );
      checks = [
        ...endChecks(subject),
        ...viewChecks(subject),
        archiveCheck(subject),
        ...keptChecks(subject),
        ...wider.checks({ site: useSite(), records, mayHaveForgotten }),
      ];
      await eventually(() => site.isReady(), 'all are ready', STARTS_WITHIN_MS).catch(async error => {
        throw new Error(`${error}\n${await site.readiness()}`);
      });
    });
    after(async () => {
      await asking?.stop();
      load?.abandon();
      widerLoad?.abandon();
      await records?.close();
      await observed?.close();
      await site?.close();
      functions?.close();
      removeTempFolders();
    });

    it(`goes on through ${kinds.length} kinds of faults, several at once (SEED=${SEED}, ${SECONDS} s)`, async () => {
      model.starts();
      load = startLoad(model, () => site.publicAddress());
      widerLoad = wider.start(useSite(), functions.url);
      began = Date.now();
      asking = stories.startMeanwhile();
      await injectFaults({
        site,
        functions,
        model,
        longestOutageMs: LONGEST_OUTAGE_MS,
        kinds,
        chance,
        seconds: SECONDS,
        tell,
        injected,
      });
      meanwhile = await asking.stop();
      assert.deepEqual(
        kinds.filter(({ name }) => !injected.some(({ kind }) => kind === name)),
        [],
      );
      assert.ok(
        kinds.length < faultKinds.length || injected.some(({ besides }) => besides > 0),
        'no two faults at once',
      );
    });

    it('is ready again, and takes what clients still have', async () => {
      await eventually(() => site.isReady(), 'all are ready again', HEALS_WITHIN_MS);
      assert.ok(load && widerLoad);
      await Promise.all([load.stop(), widerLoad.stop()]);
      tell(wider.figures());
      const { sender } = load;
      const refused = [...sender.refused].map(([what, count]) => `${count} ${what}`).join(', ');
      const { deliveries, jobs, fanOuts } = model;
      tell(
        `${injected.length} faults; ${deliveries.all().length} events, ${jobs.count} jobs, ${fanOuts.count} fan-outs acknowledged; not at once: ${refused || 'none'}`,
      );
      assert.deepEqual(
        [sender, ...widerLoad.senders].flatMap(({ wrong }) => wrong),
        [],
        `seed ${SEED}`,
      );
    });

    it('has kept every promise', async () => {
      const failed: string[] = [];
      const look = async (check: Check) => {
        const differs = await settles(check, HEALS_WITHIN_MS);
        if (differs !== undefined) failed.push(differs);
      };
      await Promise.all(checks.map(look));
      // Once more: what is right stays so.
      if (failed.length === 0) await Promise.all(checks.map(look));
      tell(
        `${model.deliveries.calls} deliveries, ${model.deliveries.repeats} of them again; at most ${model.budget.most} calls of the limited function at a time`,
      );
      const strict = model.attempts.strictShare();
      tell(`attempts at ${Math.round(strict * 100)}% of the events were judged strictly`);
      if (kinds.length === faultKinds.length && strict < STRICT_SHARE)
        failed.push(`attempts at only ${strict} of the events could be judged strictly, ${STRICT_SHARE} are asked for`);
      const broken = [...failed, ...model.wrong(), ...site.deaths()];
      if (broken.length === 0) return;
      const symptoms = await symptomsOf(site);
      tell([...broken, ...model.attempts.sights()].join('\n      '));
      tell(symptoms);
      await setTimeout(HOLD_MINUTES * MINUTE);
      assert.fail([`with seed ${SEED}`, ...broken, symptoms].join('\n'));
    });

    it(`tells the stories of ${STORIES} random events as the model knows them`, async () => {
      assert.ok(meanwhile);
      const atRest = await stories.askAtRest(STORIES);
      tell(`while things broke: ${askedText(meanwhile)}`);
      tell(`at rest: ${askedText(atRest)}`);
      assert.deepEqual([...meanwhile.wrong, ...atRest.wrong], [], `seed ${SEED}`);
      assert.equal(atRest.told, STORIES);
      const unanswered = [...meanwhile.unanswered.values()].reduce((sum, count) => sum + count, 0);
      const asked = meanwhile.told + unanswered;
      assert.ok(asked >= LEAST_ASKED, `only ${asked} stories were asked for meanwhile`);
      if (SECONDS >= LONG_RUN) assert.ok(meanwhile.told > 0, 'no story was told meanwhile');
    });
  });
