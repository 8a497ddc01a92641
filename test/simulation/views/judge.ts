// Judges what readers of a View are told: each answer is what the events said at some moment, never
// half a generation, and not older than it says.
import { judgeView } from '../../judge/views.ts';
import { EPOCH } from '../kernel/virtual-time.ts';
import type { SimulatedBroker } from '../log/broker.ts';
import type { StoredRecord } from '../log/partition-log.ts';
import { type Kind, SOURCES, type Variant } from './definitions.ts';
import { fitsWindow, KeyStates } from './model.ts';
import type { Answer } from './reader.ts';

/**
 * A generation that takes over may be so much further behind than the one before: a process may be
 * paused while it looks, and calls be slow.
 */
const BEHIND_MS = 8_000;
/**
 * In a window, what is over may be shown for so long: until the upkeep has come to it, and
 * an answer has been given.
 */
const UPKEEP_MS = 8_000;

export interface JudgeOptions {
  readonly broker: SimulatedBroker;
  readonly kind: Kind;
  readonly keys: readonly string[];
}

export class Judge {
  wrong: string | undefined;
  readonly #options: JudgeOptions;
  readonly #records: Map<string, StoredRecord[]>;
  readonly #ids = new Set<string>();
  readonly #states = new Map<string, KeyStates>();
  #newestAsOf = 0;
  #lostAt = Number.NEGATIVE_INFINITY;
  #swappedAt = Number.NEGATIVE_INFINITY;

  constructor(options: JudgeOptions) {
    this.#options = options;
    this.#records = new Map(options.keys.map(key => [key, []]));
    options.broker.watches.push((topic, _, record) => {
      if (!SOURCES.some(([source]) => source === topic)) return;
      const id = record.headers['ce_id'] ?? '';
      // One that is published twice counts once.
      if (!this.#ids.has(id)) this.#records.get(record.key ?? '')?.push(record);
      this.#ids.add(id);
    });
  }

  /** The store has lost its newest changes. */
  lost(at: number): void {
    this.#lostAt = at;
    this.#newestAsOf = 0;
  }

  /** Another generation serves. */
  swapped(at: number): void {
    this.#swappedAt = at;
  }

  /** During the trouble. `variants`: which definitions may have served. */
  look(answer: Answer, variants: readonly Variant[]): void {
    const { found, asked, asOf } = answer;
    // What was folded when the freshness was asked may have been lost before the rows were read.
    const isSure = this.#lostAt < (asOf ?? asked - BEHIND_MS);
    // A generation may have lost what it had folded of the past just before it took over.
    if (Math.abs(this.#swappedAt - this.#lostAt) < BEHIND_MS / 3) this.#newestAsOf = 0;
    const least = Math.max(0, this.#newestAsOf - BEHIND_MS);
    const from = isSure ? Math.max(least, asOf ?? 0) : 0;
    // It may say less than it has: repeats of old events may wait.
    if (isSure) this.#newestAsOf = Math.max(this.#newestAsOf, asOf ?? 0);
    for (const [key, text] of found) {
      const fits = variants.some(variant => this.#fits(variant, key, text, from));
      if (!fits) this.#say(`${key} is ${text} at ${answer.answered}, as of ${asOf}, and never was that since ${from}`);
    }
  }

  /** In the end: what differs from what all events say. */
  compare({ found, asked, answered }: Answer, variant: Variant): string | undefined {
    const expected = [...found].map(([key, text]) => {
      if (this.#options.kind !== 'window') return [key, this.#statesOf(variant, key).at(-1)] as const;
      const records = this.#records.get(key) ?? [];
      const fits = fitsWindow(variant, records, text, EPOCH + asked - UPKEEP_MS, EPOCH + answered);
      return [key, fits ? text : []] as const;
    });
    return judgeView({ what: 'the View', found, expected })[0];
  }

  #fits(variant: Variant, key: string, text: string | undefined, from: number): boolean {
    if (this.#options.kind === 'window') return true;
    const records = this.#records.get(key) ?? [];
    const least = records.filter(({ at }) => at < from).length;
    return this.#statesOf(variant, key).indexOf(text, least) !== -1;
  }

  #statesOf(variant: Variant, key: string): readonly (string | undefined)[] {
    const name = `${variant} ${key}`;
    const states = this.#states.get(name) ?? new KeyStates(this.#options.kind, variant);
    this.#states.set(name, states);
    return states.of(this.#records.get(key) ?? []);
  }

  #say(what: string): void {
    this.wrong ??= what;
  }
}
