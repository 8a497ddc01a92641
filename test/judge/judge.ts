// The judge of deliveries, one for the simulation, the kills and chaos: it is told what was seen in
// the order in which it happened, and says which promises that breaks.
import { Broken } from './broken.ts';
import type { Answered, Judged, JudgedCall, Knowledge, Lane, Perhaps, Place, Witness } from './judged.ts';

export interface JudgeOptions<E extends Judged> {
  /** So many attempts an event has. */
  readonly attempts: number;
  /** Whether each attempt that a caller counts was seen. */
  readonly seesAll: boolean;
  readonly witness: Witness<E>;
  readonly report: (broken: Broken) => void;
}

export interface Begun {
  /** Who calls; '' where nobody can say. */
  readonly by: string;
  /** What the caller says: which attempt it is. */
  readonly attempt?: number | undefined;
  readonly waits: () => Perhaps;
}

export class Judge<E extends Judged> {
  readonly #lanes = new Map<string, Lane<E>>();
  readonly #places = new Map<E, Place<E>[]>();
  readonly #options: JudgeOptions<E>;

  constructor(options: JudgeOptions<E>) {
    this.#options = options;
  }

  laneOf(name: string): Lane<E> {
    const lane: Lane<E> = this.#lanes.get(name) ?? {
      name,
      events: [],
      places: [],
      open: 0,
      underWay: new Set(),
      furthest: new Map(),
    };
    this.#lanes.set(name, lane);
    return lane;
  }

  /** It is in the log. `at` orders the events of a lane; an event can be there more than once. */
  appended(event: E, lane: Lane<E>, at: number): void {
    const places = this.#places.get(event) ?? [];
    this.#places.set(event, places);
    places.push({ lane, at });
    let index = lane.events.length;
    while (index > 0 && (lane.places[index - 1] ?? 0) > at) index--;
    lane.events.splice(index, 0, event);
    lane.places.splice(index, 0, at);
    lane.open = Math.min(lane.open, index);
  }

  isClosed(event: E): boolean {
    return event.settled || this.#options.witness.isOver(event);
  }

  begins(event: E, { by, attempt, waits }: Begun): JudgedCall<E> {
    const since = this.#options.witness.moment(event);
    const places = this.#places.get(event) ?? [];
    const call: JudgedCall<E> = {
      event,
      by,
      began: since,
      attempt,
      number: event.attempts + 1,
      waits,
      beside: [],
    };
    this.#inOrder(event, by, places);
    this.#knows(event, by);
    if (attempt !== undefined) this.#hasNumber(event, by, attempt);
    this.#alone(event, by, places);
    event.first ??= since;
    event.attempts++;
    for (const { lane } of places) lane.underWay.add(call);
    this.#goesForward(event, by, since, places);
    return call;
  }

  ended(call: JudgedCall<E>, { outcome, told, counts = false }: Answered): void {
    const { event, by } = call;
    this.lost(call);
    if (told === true)
      for (const other of call.beside) this.#broken('lane', `${other} began while ${event.name} was under way`);
    if (outcome === 'later') return;
    const knowledge: Knowledge = {
      by,
      since: this.#options.witness.moment(event),
      lives: this.#options.witness.lives(event),
    };
    if ((event.last?.number ?? 0) <= call.number) {
      const succeeded: Perhaps = outcome === 'done' ? told : false;
      event.last = { number: call.number, began: call.began, succeeded };
    }
    if (outcome === 'done') {
      if (told !== false) event.settled = true;
      if (told === true) event.told = knowledge;
      if (told !== true) event.mayCount++;
      return;
    }
    event.mayCount++;
    if (told !== true) return;
    if (outcome === 'refused') event.refused = knowledge;
    if (counts !== true) return;
    event.failed++;
    if (call.attempt !== undefined) event.counted = { ...knowledge, attempt: call.attempt };
    this.#inBudget(event);
  }

  /** Nobody waits for it any more, or nobody will ever hear of it. */
  lost(call: JudgedCall<E>): void {
    for (const { lane } of this.#places.get(call.event) ?? []) lane.underWay.delete(call);
  }

  /** So often at most it may have failed by now. */
  most(event: E): number {
    const { attempts, witness } = this.#options;
    return attempts * witness.lives(event) + (event.first === undefined ? 0 : witness.takeOvers(event, event.first));
  }

  #broken(promise: string, text: string): void {
    this.#options.report(new Broken(promise, text));
  }

  /** All before it in its lane are closed; where it is more than once, in one of its places. */
  #inOrder(event: E, by: string, places: readonly Place<E>[]): void {
    let open: E | undefined;
    for (const { lane, at } of places) {
      for (let next = lane.events[lane.open]; next && this.isClosed(next); next = lane.events[lane.open]) lane.open++;
      const first = lane.events[lane.open];
      if (first === undefined || first === event || (lane.places[lane.open] ?? 0) >= at) return;
      open = first;
    }
    if (open) this.#broken('order', `${event.name} is attempted${nameOf(by)} while ${open.name} is open`);
  }

  /** Whoever was told of its end knows it. */
  #knows(event: E, by: string): void {
    if (this.#stillKnows(event, by, event.told))
      this.#broken(
        'again',
        `${event.name} was handled, which its caller was told, and is attempted again${nameOf(by)}`,
      );
    if (this.#stillKnows(event, by, event.refused))
      this.#broken('refused', `${event.name} was refused for good and is attempted again${nameOf(by)}`);
  }

  #stillKnows(event: E, by: string, known: Knowledge | undefined): boolean {
    const { witness } = this.#options;
    return (
      known !== undefined &&
      known.by === by &&
      known.lives === witness.lives(event) &&
      witness.takeOvers(event, known.since) === 0
    );
  }

  #hasNumber(event: E, by: string, attempt: number): void {
    const { attempts, seesAll } = this.#options;
    const { counted, mayCount, name } = event;
    if (attempt < 1 || attempt > attempts) this.#broken('attempts', `${name}: attempt ${attempt} of ${attempts}`);
    if (seesAll && attempt > 1 + mayCount)
      this.#broken('attempts', `${name}: attempt ${attempt}, and ${mayCount} were delivered and failed`);
    if (counted && attempt <= counted.attempt && this.#stillKnows(event, by, counted))
      this.#broken(
        'attempts',
        `${name}: attempt ${attempt}${nameOf(by)}, whose caller was told that ${counted.attempt} failed`,
      );
  }

  #alone(event: E, by: string, places: readonly Place<E>[]): void {
    for (const { lane } of places) {
      for (const other of lane.underWay) {
        if (other.by !== by) continue;
        const waits = other.waits();
        if (waits === true)
          this.#broken('lane', `${event.name} begins${nameOf(by)} while ${other.event.name} is under way`);
        else if (waits === 'perhaps' && this.#options.witness.takeOvers(event, other.began) === 0)
          other.beside.push(event.name);
      }
    }
  }

  /** Who has begun a later event of its lane comes back to none before it: that was over. */
  #goesForward(event: E, by: string, since: number, places: readonly Place<E>[]): void {
    const { witness } = this.#options;
    const [place] = places;
    // Another copy of it, or what a person brought back, may come at any time.
    if (place === undefined || witness.lives(event) > 1) return;
    const { furthest } = place.lane;
    const before = furthest.get(by);
    const isBack = before !== undefined && before.place > place.at;
    if (isBack && witness.takeOvers(event, before.since) === 0)
      this.#broken('order', `${event.name} is attempted${nameOf(by)} after ${before.name} of its key`);
    furthest.set(by, { place: place.at, name: event.name, since });
  }

  #inBudget(event: E): void {
    const most = this.most(event);
    if (event.failed > most)
      this.#broken('attempts', `${event.name} failed ${event.failed} times, ${most} were allowed`);
  }
}

const nameOf = (by: string): string => (by === '' ? '' : ` by ${by}`);
