// Many schedules in one process, over the embedded log and store: what they cost while none is
// due, and how late their runs are in a minute in which all are due. `--count 1000` for fewer.
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { soleIncarnation } from '../../core/incarnation.ts';
import { realWorld } from '../../core/world.ts';
import { createSqliteEventLog } from '../../drivers/event-log/sqlite/sqlite-event-log.ts';
import { openDatabase } from '../../drivers/sqlite/open-database.ts';
import { noReminders } from '../../drivers/store/reminders.ts';
import { openSqliteStore } from '../../drivers/store/sqlite/sqlite-store.ts';
import { resourcesOf } from '../../test/worker/pipelines/harness.ts';
import { createRecentEnds } from '../../worker/schedules/recent-ends.ts';
import { compileSchedules } from '../../worker/schedules/schedule-plan.ts';
import { ScheduleRunner } from '../../worker/schedules/schedule-runner.ts';
import { loadNow } from '../measure/machine.ts';
import { publish, toTable } from '../measure/report.ts';

const { values } = parseArgs({ options: { count: { type: 'string', default: '10000' } } });
const COUNT = Number(values.count);
/** A Topic has at most 128. */
const OF_A_TOPIC = 100;
const TOPICS = Math.ceil(COUNT / OF_A_TOPIC);
const MINUTE_MS = 60_000;
/** Each schedule is looked at once in that time, whatever happens. */
const IDLE_MS = 5 * MINUTE_MS;
const MINUTES = 3;
const world = realWorld;

/** What one minute in which all are due has come to. */
interface Minute {
  readonly lateMs: number[];
  cpuMs: number;
}

interface Running {
  /** By the due time. */
  readonly minutes: Map<number, Minute>;
  close(): Promise<void>;
}

function planned(cron: string, jitter: string) {
  const topics = Array.from({ length: TOPICS }, (_, topic) => {
    const length = Math.min(OF_A_TOPIC, COUNT - topic * OF_A_TOPIC);
    const schedules = Array.from({ length }, (_, at) => `{ name: s-${at}, cron: "${cron}", jitter: ${jitter} }`);
    return `kind: Topic; metadata: { name: topic-${topic} }; spec: { schedules: [${schedules.join(', ')}] }`;
  });
  return compileSchedules(resourcesOf(topics.join('\n')));
}

async function run(cron: string, jitter: string): Promise<Running> {
  const folder = mkdtempSync(join(import.meta.dirname, '.data-'));
  const thread = pathToFileURL(join(import.meta.dirname, '../../drivers/sqlite/thread-main.ts'));
  const database = await openDatabase({ world, file: join(folder, 'tenfold.db'), thread });
  const log = await createSqliteEventLog({ world, database });
  const store = await openSqliteStore({ world, database });
  const plans = planned(cron, jitter);
  for (let topic = 0; topic < TOPICS; topic++) await log.ensureTopic(`default.topic-${topic}`, { partitions: 4 });
  const minutes = new Map<number, Minute>();
  const runner = new ScheduleRunner({
    world,
    store,
    log,
    ends: createRecentEnds(world, log),
    incarnation: soleIncarnation('bench'),
    reminders: noReminders,
    hasEnded: async () => true,
    observer: {
      handedOver({ rules }, { due, at }) {
        const minute = minutes.get(due) ?? { lateMs: [], cpuMs: 0 };
        minute.lateMs.push(at - due - rules.delayMs);
        minutes.set(due, minute);
      },
      refused: (_plan, { error }) => console.error(error),
      leftOut: (_plan, left) => console.error(left),
      trouble: (_plan, error) => console.error(error),
    },
  });
  runner.apply(plans);
  return {
    minutes,
    async close() {
      await runner.close(10_000);
      await database.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Of all threads of this process, milliseconds. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

/** Part of a core in percent. */
async function idle(): Promise<number> {
  const hour = (new Date().getUTCHours() + 12) % 24;
  const running = await run(`0 ${hour} * * *`, '0s');
  await sleep(MINUTE_MS);
  const before = cpuMs();
  await sleep(IDLE_MS);
  const used = ((cpuMs() - before) / IDLE_MS) * 100;
  await running.close();
  return used;
}

/** The first minute warms up, and is left out. */
async function due(jitter: string): Promise<Minute> {
  const running = await run('* * * * *', jitter);
  const all: Minute = { lateMs: [], cpuMs: 0 };
  const middle = () => sleep(MINUTE_MS - ((Date.now() + MINUTE_MS / 2) % MINUTE_MS));
  await middle();
  await middle();
  const before = cpuMs();
  for (let minute = 0; minute < MINUTES; minute++) {
    await middle();
    const lateMs = running.minutes.get(Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS)?.lateMs ?? [];
    if (lateMs.length !== COUNT) throw new Error(`${lateMs.length} of ${COUNT} runs came in half a minute.`);
    all.lateMs.push(...lateMs);
  }
  all.cpuMs = (cpuMs() - before) / MINUTES;
  await running.close();
  all.lateMs.sort((one, other) => one - other);
  return all;
}

const whole = (number: number) => Math.round(number).toLocaleString('en-US');
const at = ({ lateMs }: Minute, part: number) => whole(lateMs[Math.floor((lateMs.length - 1) * part)] ?? Number.NaN);
const rowOf = (title: string, minute: Minute) => [
  title,
  at(minute, 0.5),
  at(minute, 0.99),
  at(minute, 1),
  whole(minute.cpuMs),
];

const percent = await idle();
const rows = [rowOf('all at once', await due('0s')), rowOf('jitter: 20s', await due('20s'))];

publish('schedules', 'Many schedules in one process', [
  `${whole(COUNT)} schedules of ${TOPICS} Topics with 4 partitions each, over the embedded log and store, each write on the disk before it counts.`,
  `While none is due, for ${IDLE_MS / 1_000} s: ${percent.toFixed(2)}% of a core. The bar is 1%.`,
  `In a minute in which all are due, ${MINUTES} such minutes: how late a run is in the log, behind its time with the jitter in it. The bar is 1,000 ms.`,
  toTable(['', 'p50, ms', 'p99, ms', 'longest, ms', 'CPU of a minute, ms'], rows),
  loadNow(),
]);
process.exit(0);
