// Asks for the stories of events that a View takes, while it is folded and built anew, and compares
// each with what its model said while it was told.
import { TenfoldError } from '../../../core/errors.ts';
import { sleep } from '../../../core/world.ts';
import { createDeadLetterControl } from '../../../server/events/control/dead-letter-control.ts';
import { letterOwnerOfView } from '../../../server/events/reports/view-reports.ts';
import { createStories } from '../../../server/events/stories/stories.ts';
import { SimulatedProcess } from '../kernel/process.ts';
import type { Simulation } from '../kernel/simulation.ts';
import type { VirtualTime } from '../kernel/virtual-time.ts';
import { SimulatedLog } from '../log/simulated-log.ts';
import { SimulatedStore } from '../store/simulated-store.ts';
import { type Definition, NAMESPACE, SOURCES } from '../views/definitions.ts';
import type { Told } from '../views/model.ts';
import type { Shared } from '../views/own.ts';
import { logApart, timeApart } from './apart.ts';
import { type Compared, NONE_COMPARED } from './compared.ts';
import { type ModelFateAtView, type ViewEvent, ViewStoryModel } from './view-model.ts';

export interface ViewAskerOptions {
  readonly simulation: Simulation;
  readonly shared: Shared;
  readonly seed: number;
  /** As it is wanted now. */
  definition(): Definition;
}

const EVERY_MS = 4_000;
const ASKED_AT_LAST = 5;
const TOLD_WITHIN_MS = 60_000;
const SEED = 0x71e35;
const STORE = { latencyMs: 20, fails: 0 };
const NEVER = new AbortController().signal;

export class ViewAsker {
  /** The first story that differs from the model. */
  wrong: string | undefined;
  readonly #compared = { ...NONE_COMPARED };
  readonly #options: ViewAskerOptions;
  readonly #model: ViewStoryModel;
  readonly #time: VirtualTime;
  readonly #process: SimulatedProcess;
  readonly #events: ViewEvent[] = [];
  #look: (() => void) | undefined;
  #isAtLast = false;

  constructor(options: ViewAskerOptions) {
    const { simulation, shared, seed } = options;
    this.#options = options;
    this.#model = new ViewStoryModel(shared.broker, shared.state);
    this.#time = timeApart(simulation, seed ^ SEED);
    this.#process = new SimulatedProcess(this.#time, 'asker');
    shared.broker.watches.push((topic, partition, record) => {
      if (SOURCES.some(([source]) => source === topic)) this.#events.push({ topic, partition, record });
    });
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

  /** Once all is at rest: all that is asked for then has been folded. */
  askAtLast(): void {
    const { simulation } = this.#options;
    this.#isAtLast = true;
    simulation.run(simulation.now + TOLD_WITHIN_MS, () => this.#look === undefined);
    const before = this.#compared.exact;
    const wanted = Math.min(ASKED_AT_LAST, this.#events.length);
    let asked = 0;
    const ask = async () => {
      for (; asked < wanted; asked++) {
        const fates = await this.#tellOne();
        const open = fates?.find(fate => fate !== 'done' && fate !== 'filtered');
        if (open !== undefined) this.#say(`the View is told as ${open} at the end of all`);
      }
    };
    ask().catch(error => this.#say(String(error)));
    simulation.run(simulation.now + TOLD_WITHIN_MS * ASKED_AT_LAST, () => asked === wanted);
    const exact = this.#compared.exact - before;
    if (exact < wanted) this.#say(`${exact} of ${wanted} stories were told exactly while nothing moved`);
  }

  /** Undefined where nothing was told. */
  async #tellOne(): Promise<readonly string[] | undefined> {
    const event = this.#events[this.#time.chance.int('asked', 0, Math.max(0, this.#events.length - 1))];
    if (event === undefined) return undefined;
    const definition = this.#options.definition();
    const possible = new Map<string, Map<string, ModelFateAtView>>();
    const look = () => this.#lookAt(event, possible);
    look();
    this.#look = look;
    try {
      const { topic, partition, record } = event;
      const name = topic.slice(NAMESPACE.length + 1);
      const stories = this.#storiesFor(definition);
      const { consumers } = await stories.tell(NAMESPACE, name, `${partition}-${record.offset}`, {}, NEVER);
      look();
      for (const { generation, fate, ahead, rows, note } of consumers) {
        if (generation === undefined) {
          if (note === undefined || possible.size > 1) this.#say(`${note}: ${fate} of no generation`);
          continue;
        }
        this.#compare(event, possible.get(generation), { fate, ahead, rows });
      }
      return consumers.map(({ fate }) => fate);
    } catch (error) {
      if (!(error instanceof TenfoldError)) throw error;
      this.#compared.unanswered++;
      return undefined;
    } finally {
      this.#look = undefined;
    }
  }

  #lookAt(event: ViewEvent, possible: Map<string, Map<string, ModelFateAtView>>): void {
    for (const { id, hasFilter } of this.#model.generations()) {
      const isLeftOut = hasFilter && event.record.headers['ce_type'] === 'Odd';
      const fate = this.#model.fateIn(id, event, isLeftOut);
      const fates = possible.get(id) ?? new Map<string, ModelFateAtView>();
      possible.set(id, fates.set(JSON.stringify(fate), fate));
    }
  }

  #compare(
    { topic, partition, record }: ViewEvent,
    possible: ReadonlyMap<string, ModelFateAtView> | undefined,
    { fate, ahead, rows }: { readonly fate: string; readonly ahead?: number | undefined; readonly rows?: unknown },
  ): void {
    const place = `${topic} ${partition}-${record.offset}`;
    const fates = [...(possible?.values() ?? [])];
    const isExact = fates.length === 1;
    // What is ahead is made of several answers, between which it may have moved.
    const fits = fates.some(each => each.fate === fate && (!isExact || each.ahead === ahead));
    if (!fits) this.#say(`${place} is told as ${fate}, ${ahead} ahead, and was ${[...(possible?.keys() ?? [])]}`);
    const told: Told = JSON.parse(record.value.toString());
    const isOfRows = fate === 'done' || (fate === 'waiting' && rows !== undefined);
    if (isOfRows && String(rows) !== told.key) this.#say(`${place} is told to have changed ${rows}, not ${told.key}`);
    if (isExact) this.#compared.exact++;
    else this.#compared.moving++;
  }

  #storiesFor({ plan, resource, resources }: Definition) {
    const { broker, state } = this.#options.shared;
    const { world } = this.#process;
    const log = new SimulatedLog(
      broker,
      this.#process,
      logApart(broker, this.#time, () => ({})),
    );
    return createStories({
      world,
      log,
      letters: createDeadLetterControl(world, log, () => [letterOwnerOfView(resource)]),
      store: new SimulatedStore(state, this.#process, STORE),
      consumers: () => [],
      views: { views: [{ plan }] },
      pipelines: { pipelines: [] },
      resources: () => resources,
    });
  }

  #say(what: string): void {
    this.wrong ??= `story: ${what}`;
  }
}
