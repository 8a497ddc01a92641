// What the other gateways have seen of a feature: each tells its figures to all, and a promotion goes by those of all of them.
import type { World } from '../../core/world.ts';
import type { ToldRates } from './place-rates.ts';
import type { Counted } from './tally.ts';

export type Figures = Readonly<Record<Counted, number>>;

/** What one gateway tells. */
export interface Told {
  /** Of this start of the gateway. */
  readonly by: string;
  /** Another one each time. */
  readonly turn: number;
  /** Where the feature stands and how it is compared, as text: figures of something else say nothing. */
  readonly about: string;
  /** Within the window. */
  readonly figures: Figures;
  /** What it knows of places. Earlier versions do not tell. */
  readonly rates?: ToldRates | undefined;
  /** The gateway has ended, or has the feature no more: these are its last figures. */
  readonly ended: boolean;
}

/** Where gateways tell each other. Both reject while it cannot be reached. */
export interface EvidenceBoard {
  tell(feature: string, told: Told, keepMs: number): Promise<void>;
  read(feature: string): Promise<readonly Told[]>;
}

type Own = Pick<Told, 'figures' | 'rates'>;

export interface Seen {
  readonly figures: Figures;
  /** How many gateways have seen it. */
  readonly gateways: number;
  /** Why it may not be all; undefined when it is. */
  readonly unknown: string | undefined;
}

/** Who has told nothing for so long, or for three times its usual pause, is away. */
const SILENT_MS = 10_000;
/** What a gateway has told counts for so long beyond the window, whether it lives or not. */
const KEPT_MS = 60_000;

/** A class, since it lives longer than the plans that use it and is closed when none does. */
export class Colleagues {
  readonly #world: World;
  readonly #board: EvidenceBoard;
  readonly #feature: string;
  readonly #by: string;
  #turn = 0;
  #told: { readonly told: Told; readonly keepMs: number } | undefined;
  #heard = new Map<string, { readonly told: Told; readonly at: number }>();
  /** What the last exchange was about; undefined when it failed, and as long as there was none. */
  #about: string | undefined;
  #silentMs = SILENT_MS;
  #exchanging: Promise<void> | undefined;
  #closed = false;

  /** `feature`: `default/shop/orders`. */
  constructor(world: World, board: EvidenceBoard, feature: string) {
    this.#world = world;
    this.#board = board;
    this.#feature = feature;
    this.#by = world.id();
  }

  /** Tells what this gateway has seen, and hears what the others have. Never rejects. `everyMs`: how often it is called. */
  exchange(about: string, own: Own, everyMs: number, windowMs: number): Promise<void> {
    this.#silentMs = Math.max(SILENT_MS, 3 * everyMs);
    this.#exchanging ??= this.#exchange(about, own, windowMs + KEPT_MS).finally(() => {
      this.#exchanging = undefined;
    });
    return this.#exchanging;
  }

  /** All that gateways have seen, `own` as it is now and that of the others as they last told it. */
  sum(about: string, own: Figures): Seen {
    const figures: Record<Counted, number> = { ...own };
    let gateways = 1;
    let unknown = this.#about === about ? undefined : NOT_KNOWN;
    for (const { told, at } of this.#heard.values()) {
      if (told.about !== about) {
        if (!told.ended) unknown ??= `The gateway ${told.by} has this feature elsewhere, or other settings for it.`;
        continue;
      }
      gateways++;
      for (const name of COUNTED) figures[name] += told.figures[name];
      const silent = this.#world.monotonic() - at;
      if (!told.ended && silent > this.#silentMs) {
        unknown ??= `The gateway ${told.by} has told nothing for ${Math.round(silent / 1000)} seconds.`;
      }
    }
    return { figures, gateways, unknown };
  }

  /** What the others know of places. */
  rates(about: string): ToldRates[] {
    return [...this.#heard.values()].flatMap(({ told }) => (told.about === about && told.rates ? [told.rates] : []));
  }

  /** The others need not wait for this gateway any more. */
  close(): void {
    this.#closed = true;
    const last = this.#told;
    if (!last) return;
    const told = { ...last.told, turn: ++this.#turn, ended: true };
    // Where it cannot be told, they wait as for one that died.
    this.#board.tell(this.#feature, told, last.keepMs).catch(() => {});
  }

  async #exchange(about: string, own: Own, keepMs: number): Promise<void> {
    if (this.#closed) return;
    const told = { by: this.#by, turn: ++this.#turn, about, ...own, ended: false };
    this.#told = { told, keepMs };
    try {
      await this.#board.tell(this.#feature, told, keepMs);
      const all = await this.#board.read(this.#feature);
      const now = this.#world.monotonic();
      const others = all.filter(({ by }) => by !== this.#by);
      this.#heard = new Map(
        others.map(each => {
          const before = this.#heard.get(each.by);
          return [each.by, before?.told.turn === each.turn ? before : { told: each, at: now }];
        }),
      );
      this.#about = about;
    } catch {
      // That the store is away is told elsewhere.
      this.#about = undefined;
    }
  }
}

const NOT_KNOWN = 'What other gateways have seen is not known yet, or the store cannot be reached.';
const COUNTED: readonly Counted[] = [
  'requests',
  'failed',
  'compared',
  'measured',
  'uncompared',
  'mismatched',
  'masked',
];
