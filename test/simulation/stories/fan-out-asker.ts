// Asks for the stories of a FanOut's jobs at random moments, and compares each with what its model
// said while it was told.
import type { JobStory } from '../../../admin/story-view.ts';
import { TenfoldError } from '../../../core/errors.ts';
import { factOf } from '../../../core/fan-outs/facts.ts';
import { sleep } from '../../../core/world.ts';
import type { Store } from '../../../drivers/store/store.ts';
import { createResourceSet } from '../../../resources/resource-set.ts';
import { createDeadLetterControl } from '../../../server/events/control/dead-letter-control.ts';
import { createFanOutControl } from '../../../server/events/control/fan-out-control.ts';
import { createJobStories } from '../../../server/events/stories/job-stories.ts';
import type { FanOutSettings } from '../../../worker/fan-outs/fan-out-settings.ts';
import type { ConsumerPlan } from '../../../worker/plan/topic-plan.ts';
import { fakeResource } from '../../fakes/platform-view.ts';
import type { BegunJob } from '../fan-outs/judge-jobs.ts';
import { ENDED } from '../fan-outs/own.ts';
import { SimulatedProcess } from '../kernel/process.ts';
import type { Simulation } from '../kernel/simulation.ts';
import type { VirtualTime } from '../kernel/virtual-time.ts';
import type { SimulatedBroker } from '../log/broker.ts';
import { SimulatedLog } from '../log/simulated-log.ts';
import type { SimulatedState } from '../store/simulated-state.ts';
import { SimulatedStore } from '../store/simulated-store.ts';
import { logApart, timeApart } from './apart.ts';
import { type Compared, NONE_COMPARED } from './compared.ts';
import {
  type AskedJob,
  FanOutStoryModel,
  failedText,
  jobText,
  PARTS,
  type Part,
  type Parts,
  parkedText,
  taskText,
} from './fan-out-model.ts';

export interface FanOutAskerOptions {
  readonly simulation: Simulation;
  readonly broker: SimulatedBroker;
  readonly state: SimulatedState;
  readonly settings: FanOutSettings;
  readonly begun: readonly BegunJob[];
  readonly seed: number;
  readonly saw: (sight: string) => void;
}

const EVERY_MS = 4_000;
const ASKED_AT_LAST = 3;
const TOLD_WITHIN_MS = 60_000;
const SEED = 0xfa11;
const STORE = { latencyMs: 20, fails: 0 };
const NEVER = new AbortController().signal;
/** The part of the model that tells what waits, by the state of the job that is told. */
const AT_WORK: Readonly<Record<string, Part>> = { splitting: 'splits', working: 'items', gathering: 'gathers' };

export class FanOutAsker {
  /** The first story that differs from the model. */
  wrong: string | undefined;
  readonly #compared = { ...NONE_COMPARED };
  readonly #options: FanOutAskerOptions;
  readonly #model: FanOutStoryModel;
  readonly #time: VirtualTime;
  readonly #process: SimulatedProcess;
  readonly #stories: ReturnType<typeof createJobStories>;
  #look: (() => void) | undefined;
  #isAtLast = false;

  constructor(options: FanOutAskerOptions) {
    const { simulation, broker, state, settings, seed } = options;
    this.#options = options;
    this.#model = new FanOutStoryModel(broker, state, settings);
    this.#time = timeApart(simulation, seed ^ SEED);
    this.#process = new SimulatedProcess(this.#time, 'asker');
    this.#stories = storiesOf(options, this.#process, this.#time);
    simulation.invariants.push(() => this.#look?.());
  }

  get compared(): Compared {
    return this.#compared;
  }

  start(): void {
    const ask = async () => {
      while (!this.#isAtLast) {
        await sleep(this.#process.world, this.#time.chance.int('next story after', 0, EVERY_MS));
        if (!this.#isAtLast) await this.#tellOne();
      }
    };
    ask().catch(error => this.#say(String(error)));
  }

  /** Once all is at rest: whatever is asked for then has ended, and nothing of it waits. */
  askAtLast(): void {
    const { simulation } = this.#options;
    this.#isAtLast = true;
    simulation.run(simulation.now + TOLD_WITHIN_MS, () => this.#look === undefined);
    const before = this.#compared.exact;
    let asked = 0;
    const ask = async () => {
      for (; asked < ASKED_AT_LAST; asked++) {
        const { job, consumers = [] } = (await this.#tellOne()) ?? {};
        if (consumers.length > 0) this.#say(`job ${job?.id} is told to wait at the end of all`);
      }
    };
    ask().catch(error => this.#say(String(error)));
    simulation.run(simulation.now + TOLD_WITHIN_MS * ASKED_AT_LAST, () => asked === ASKED_AT_LAST);
    const exact = this.#compared.exact - before;
    if (exact < ASKED_AT_LAST) this.#say(`${exact} of ${ASKED_AT_LAST} stories were told exactly while nothing moved`);
  }

  /** Undefined where nothing was told. */
  async #tellOne(): Promise<JobStory | undefined> {
    const { settings, saw } = this.#options;
    const job = this.#drawJob();
    if (job === undefined) return undefined;
    const moments = new Map<string, Parts>();
    let seen = '';
    const look = () => {
      if (seen === this.#model.version) return;
      seen = this.#model.version;
      const parts = this.#model.partsOf(job);
      moments.set(JSON.stringify(parts), parts);
    };
    look();
    this.#look = look;
    try {
      const { namespace, name } = settings;
      const story = await this.#stories.tellJob({ kind: 'FanOut', namespace, name }, job.id, {}, NEVER);
      look();
      const isExact = this.#compare(job, story, [...moments.values()]);
      if (isExact) this.#compared.exact++;
      else this.#compared.moving++;
      const waits = story.consumers[0]?.fate === 'parked' || (story.items?.parked.length ?? 0) > 0;
      saw(`a story: ${story.job.state}${waits ? ', parked' : ''}${isExact ? '' : ', as it moved'}`);
      return story;
    } catch (error) {
      if (!(error instanceof TenfoldError && error.retryable)) throw error;
      this.#compared.unanswered++;
      return undefined;
    } finally {
      this.#look = undefined;
    }
  }

  /** A job that was begun twice may be asked for by both of its records. */
  #drawJob(): AskedJob | undefined {
    const { begun, broker, settings } = this.#options;
    const { chance } = this.#time;
    const { nonce, partition } = begun[chance.int('asked', 0, begun.length - 1)] ?? {};
    if (nonce === undefined || partition === undefined) return undefined;
    const starts = broker
      .partition(settings.layout.facts, partition)
      .history.filter(record => record.key === nonce && factOf(record)?.kind === 'start');
    const start = starts[chance.int('by which record', 0, starts.length - 1)];
    if (start === undefined) return undefined;
    return { nonce, partition, id: `${partition}-${start.offset}-${nonce}`, acceptedAt: start.timestamp };
  }

  /** Whether nothing moved while it was told. */
  #compare(job: AskedJob, story: JobStory, moments: readonly Parts[]): boolean {
    const told = partsOfStory(story);
    let isExact = true;
    for (const part of PARTS) {
      const possible = new Map(moments.map(each => [each[part].join(), each[part]]));
      const mine = told[part];
      if (mine === undefined) continue;
      if (possible.size > 1) isExact = false;
      // What is read of two partitions is read at two moments.
      const all = [...possible.values()];
      const isStrange = (text: string) => !all.some(each => each.includes(text));
      const isLeftOut = (text: string) => all.every(each => each.includes(text)) && !mine.includes(text);
      const isRight =
        possible.size > 1 ? !mine.some(isStrange) && !all.flat().some(isLeftOut) : possible.has(mine.join());
      if (!isRight)
        this.#say(`${part} of job ${job.id} is told as ${mine}, and was ${[...possible.keys()].join(', or ')}`);
    }
    if (story.event?.id !== '1' || story.acceptedBy !== 'endpoint')
      this.#say(`job ${job.id} is told to be of another event`);
    return isExact;
  }

  #say(what: string): void {
    this.wrong ??= `story: ${what}`;
  }
}

/** Only what waits at the part at work is told. */
function partsOfStory({
  job,
  consumers,
  items,
  result,
  keptUntil,
  ledTo,
}: JobStory): Partial<Record<Part, readonly string[]>> {
  if (!('items' in job)) throw new Error('a job of a FanOut is told as one of a Queue');
  const { id, state, redriven, acceptedAt, deadline, finishedAt, error } = job;
  const end = finishedAt ?? deadline;
  const part = AT_WORK[state];
  const [consumer, ...more] = consumers;
  if ((part === undefined) !== (consumer === undefined) || more.length > 0)
    throw new Error(`${consumers.length} parts tell of a job that is ${state}`);
  const parked = (items?.parked ?? []).map(parkedText);
  const task = consumer === undefined || consumer.fate === 'waiting' ? [] : [taskText(consumer)];
  return {
    job: [jobText({ id, state, items: job.items, redriven, acceptedAt, end, error })],
    kept: [...(keptUntil === undefined ? [] : [keptUntil]), ...(result === undefined ? [] : [JSON.stringify(result)])],
    failed: (items?.failed ?? []).map(failedText).toSorted(),
    ...(part === undefined ? {} : { [part]: part === 'items' ? parked.toSorted() : task }),
    ends: ledTo.map(({ id: place = '' }) => place).toSorted(),
  };
}

function storiesOf({ broker, state, settings }: FanOutAskerOptions, process: SimulatedProcess, time: VirtualTime) {
  const { world } = process;
  const { namespace, name, layout, rules } = settings;
  const log = new SimulatedLog(
    broker,
    process,
    logApart(broker, time, () => ({})),
  );
  // What is not simulated nobody here asks for.
  const store = new SimulatedStore(state, process, STORE) as unknown as Store;
  const spec = { on: {}, complete: { topic: ENDED }, result: { ttl: rules.ttlMs } };
  const resource = fakeResource('FanOut', name, { spec } as object) as ConsumerPlan['resource'];
  const resources = createResourceSet([
    resource,
    fakeResource('Topic', ENDED, { spec: { kafka: { topic: ENDED } } } as object),
  ]);
  const plans = (['splits', 'items', 'gathers'] as const).map(role => ({
    role,
    resource,
    fingerprint: '',
    settings: { group: layout[role], topic: layout[role], order: 'key' } as ConsumerPlan['settings'],
  }));
  const nobody = () => Promise.reject(new Error(`nobody asks for more of ${namespace}`));
  return createJobStories({
    world,
    log,
    store,
    letters: createDeadLetterControl(world, log, () => []),
    consumers: () => plans,
    views: { views: [] },
    pipelines: { pipelines: [] },
    resources: () => resources,
    jobs: {
      queues: { find: nobody },
      fanOuts: createFanOutControl({
        world,
        storage: { log, store },
        reports: async () => [],
        resources: () => resources,
      }),
      plans: () => plans,
    },
  });
}
