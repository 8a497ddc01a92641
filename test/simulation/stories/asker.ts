// Asks for the stories of events at random moments, and compares each with what its model said
// while it was being told: one of those fates it must be.
import type { ConsumerStory } from '../../../admin/story-view.ts';
import { TenfoldError } from '../../../core/errors.ts';
import { sleep } from '../../../core/world.ts';
import { createResourceSet } from '../../../resources/resource-set.ts';
import { createDeadLetterControl } from '../../../server/events/control/dead-letter-control.ts';
import { createStories } from '../../../server/events/stories/stories.ts';
import { nameOfConsumer } from '../../../worker/plan/event-plan.ts';
import type { ConsumerPlan } from '../../../worker/plan/topic-plan.ts';
import { fakeResource } from '../../fakes/platform-view.ts';
import { Broken } from '../../judge/broken.ts';
import { GROUP, TOPIC } from '../consumers/consumer.ts';
import { toSettings } from '../consumers/dispatcher.ts';
import { SimulatedProcess } from '../kernel/process.ts';
import type { Simulation } from '../kernel/simulation.ts';
import type { VirtualTime } from '../kernel/virtual-time.ts';
import type { SimulatedBroker } from '../log/broker.ts';
import type { LogFaults } from '../log/log-faults.ts';
import { SimulatedLog } from '../log/simulated-log.ts';
import { type Ledger, nameOf, type Tracked } from '../model/ledger.ts';
import type { Truth } from '../model/truth.ts';
import type { Limits } from '../scenario/limits.ts';
import { logApart, timeApart } from './apart.ts';
import { type Compared, NONE_COMPARED } from './compared.ts';
import { type ModelFate, StoryModel } from './story-model.ts';

export interface AskerOptions {
  readonly simulation: Simulation;
  readonly broker: SimulatedBroker;
  readonly ledger: Ledger;
  readonly truth: Truth;
  readonly limits: Limits;
  readonly seed: number;
  readonly saw: (sight: string) => void;
  readonly fail: (error: unknown) => void;
}

type Slowness = Partial<Pick<LogFaults, 'slow' | 'slowMs'>>;

/** While things go wrong, and for some time after. */
const ASKED_MEANWHILE = 3;
const AFTERWARDS_MS = 60_000;
/** At the end, where nothing moves. */
const ASKED_AT_LAST = 2;
/** Longer than a story takes at rest. */
const TOLD_WITHIN_MS = 60_000;
const SLOW: Slowness = { slow: 0.5, slowMs: 4_000 };
const SEED = 0x570f1e5;

export class Asker {
  readonly #compared = { ...NONE_COMPARED };
  readonly #options: AskerOptions;
  readonly #model: StoryModel;
  readonly #time: VirtualTime;
  readonly #process: SimulatedProcess;
  readonly #stories: ReturnType<typeof createStories>;
  #isAtLast = false;
  /** Much happens while a slow story is told. */
  #slowness: Slowness = {};
  /** Looks whether the fate has changed of the event that is asked for. */
  #look: (() => void) | undefined;

  constructor(options: AskerOptions) {
    const { simulation, broker, limits, seed } = options;
    this.#options = options;
    this.#model = new StoryModel(broker);
    this.#time = timeApart(simulation, seed ^ SEED);
    this.#process = new SimulatedProcess(this.#time, 'asker');
    this.#stories = storiesOf(broker, this.#process, this.#time, limits, () => this.#slowness);
    simulation.invariants.push(() => this.#look?.());
  }

  get compared(): Compared {
    return this.#compared;
  }

  start(): void {
    this.#ask().catch(this.#options.fail);
  }

  /** Once all is at rest: whoever is asked for then is told of exactly. */
  askAtLast(): void {
    const { simulation, ledger, fail } = this.#options;
    const { chance } = this.#time;
    this.#isAtLast = true;
    this.#slowness = {};
    simulation.run(simulation.now + TOLD_WITHIN_MS, () => this.#look === undefined);
    const before = this.#compared.exact;
    const events = ledger.events.filter(event => this.#isReadable(event));
    const wanted = Math.min(ASKED_AT_LAST, events.length);
    let asked = 0;
    const ask = async () => {
      for (; asked < wanted; asked++) {
        const event = events[chance.int('asked at last', 0, events.length - 1)];
        if (event) this.#checkEnd(event, await this.#tell(event));
      }
    };
    ask().catch(fail);
    simulation.run(simulation.now + TOLD_WITHIN_MS * ASKED_AT_LAST, () => asked === wanted);
    const exact = this.#compared.exact - before;
    if (exact === wanted) return;
    throw new Broken('story', `${exact} of ${wanted} stories were told exactly while nothing moved`);
  }

  async #ask(): Promise<void> {
    const { limits, ledger } = this.#options;
    const { chance } = this.#time;
    for (let count = 0; count < ASKED_MEANWHILE; count++) {
      const span = (2 * (limits.spanMs + AFTERWARDS_MS)) / ASKED_MEANWHILE;
      // Shortly after one another at times: more happens while things go wrong.
      const pause = chance.happens('soon', 0.5) ? span / 10 : span;
      await sleep(this.#process.world, chance.int('next story after', 0, pause));
      if (this.#isAtLast) return;
      this.#slowness = chance.happens('slow', 0.5) ? SLOW : {};
      const events = ledger.events;
      const event = events[chance.int('asked', 0, Math.max(0, events.length - 1))];
      if (event && this.#isReadable(event)) await this.#tell(event);
    }
  }

  #isReadable({ partition, record }: Tracked): boolean {
    return this.#options.broker.partitions(TOPIC)?.[partition]?.isReadable(record.offset) ?? false;
  }

  /** Undefined where nothing was told. */
  async #tell(event: Tracked): Promise<ConsumerStory | undefined> {
    const { saw, simulation } = this.#options;
    const possible = new Set<string>();
    let seen = -1;
    const look = () => {
      const version = this.#model.versionOf(event.partition);
      if (seen === version) return;
      seen = version;
      possible.add(textOf(this.#model.fateOf(event)));
    };
    look();
    this.#look = look;
    try {
      const id = `${event.partition}-${event.record.offset}`;
      const { consumers } = await this.#stories.tell('default', TOPIC, id, {}, new AbortController().signal);
      look();
      const [story, ...more] = consumers;
      if (story === undefined || more.length > 0) throw new Broken('story', `${consumers.length} consumers tell`);
      const { consumer: _, because, note: _2, ...fate } = story;
      const told = textOf(fate);
      simulation.chance.noteText(told);
      this.#compare(event, told, possible);
      this.#checkTold(event, story);
      if (possible.size === 1) this.#compared.exact++;
      else this.#compared.moving++;
      saw(`a story: ${sightOf(story)}${possible.size === 1 ? '' : ', as it moved'}`);
      return story;
    } catch (error) {
      // Retention may have taken the event, or the log was down.
      if (!(error instanceof TenfoldError)) throw error;
      if (error.retryable) this.#compared.unanswered++;
      else if (this.#isReadable(event)) throw error;
      return undefined;
    } finally {
      this.#look = undefined;
    }
  }

  #compare(event: Tracked, told: string, possible: ReadonlySet<string>): void {
    if (possible.has(told)) return;
    throw new Broken('story', `${nameOf(event)} is told as ${told}, and was ${[...possible].join(', or ')}`);
  }

  /** What is told must have happened, and what waits says why. */
  #checkTold(event: Tracked, { fate, because, ahead, note }: ConsumerStory): void {
    const { ledger, truth } = this.#options;
    const { partition, record } = event;
    const wrong = (what: string) => new Broken('story', `${nameOf(event)} is told as ${fate}, and ${what}`);
    const isLeftOut = fate === 'filtered' || fate === 'dead' || fate === 'waiting';
    if (event.filtered ? !isLeftOut : fate === 'filtered') throw wrong('its filter says otherwise');
    if (fate === 'done' && !ledger.isClosed(event)) throw wrong('was never handled');
    const isGivenUp = fate === 'dead' || fate === 'purged';
    if (isGivenUp && !truth.wasGivenUp(partition, record.offset)) throw wrong('was never given up');
    if ((fate === 'parked' || fate === 'held') && because === undefined) throw wrong('no sentence says why');
    if (fate === 'waiting' && (ahead === undefined ? note : because) === undefined) throw wrong('nothing says why');
  }

  /** The end of a run demands that all is written down, but behind what waits for a person. */
  #checkEnd(event: Tracked, story: ConsumerStory | undefined): void {
    const { ledger, truth } = this.#options;
    const isHeldUp = ledger.partitions[event.partition]?.some(({ partition, record }) =>
      truth.isHeld(partition, record.offset),
    );
    if (isHeldUp || story === undefined || ['done', 'dead', 'purged', 'filtered'].includes(story.fate)) return;
    throw new Broken('story', `${nameOf(event)} is told as ${story.fate} at the end of all`);
  }
}

function storiesOf(
  broker: SimulatedBroker,
  process: SimulatedProcess,
  time: VirtualTime,
  limits: Limits,
  slowness: () => Slowness,
) {
  const { world } = process;
  const log = new SimulatedLog(broker, process, logApart(broker, time, slowness));
  const spec = { topic: TOPIC, to: { function: 'simulated' }, deadLetter: {} };
  const plan: ConsumerPlan = {
    role: 'events',
    resource: fakeResource('Subscription', 'simulated', { spec } as object) as ConsumerPlan['resource'],
    fingerprint: '',
    settings: toSettings(limits),
  };
  const letters = createDeadLetterControl(world, log, () => [{ name: nameOfConsumer(plan), group: GROUP }]);
  const resources = createResourceSet([fakeResource('Topic', TOPIC, { spec: { kafka: { topic: TOPIC } } } as object)]);
  const none = () => Promise.reject(new Error('there is no store'));
  return createStories({
    world,
    log,
    letters,
    store: { position: none, row: none, scan: none },
    consumers: () => [plan],
    views: { views: [] },
    pipelines: { pipelines: [] },
    resources: () => resources,
  });
}

/** In one order of its members. */
function textOf(fate: ModelFate): string {
  return JSON.stringify(Object.fromEntries(Object.entries(fate).sort(([one], [other]) => (one < other ? -1 : 1))));
}

function sightOf({ fate, behind, ahead, redriven }: ConsumerStory): string {
  if (fate === 'waiting' && ahead === undefined) return 'not begun';
  return `${fate}${behind === undefined ? '' : ' behind another'}${redriven === undefined ? '' : ', redriven'}`;
}
