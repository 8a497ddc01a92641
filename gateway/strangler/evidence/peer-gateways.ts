// The evidence of other gateways on a feature. Each reports its figures to all, and a promotion
// goes by the figures of all of them.
import type { World } from '../../../core/world.ts';
import type { ReportedRates } from './place-rates.ts';
import type { Counted } from './tally.ts';

export type Figures = Readonly<Record<Counted, number>>;

/** The report of one gateway. */
export interface EvidenceReport {
  /** Id of this start of the gateway. */
  readonly by: string;
  /** Another one each time. */
  readonly turn: number;
  /**
   * The feature's phase state and comparison rules, as text: figures about anything else do not
   * count.
   */
  readonly about: string;
  /** Within the window. */
  readonly figures: Figures;
  /** Its figures on places. Earlier versions do not report them. */
  readonly rates?: ReportedRates | undefined;
  /** The gateway has ended, or has the feature no more: these are its last figures. */
  readonly ended: boolean;
}

/** The board on which gateways share reports. Both reject while it cannot be reached. */
export interface EvidenceBoard {
  tell(feature: string, told: EvidenceReport, keepMs: number): Promise<void>;
  read(feature: string): Promise<readonly EvidenceReport[]>;
}

type Own = Pick<EvidenceReport, 'figures' | 'rates'>;

export interface Seen {
  readonly figures: Figures;
  /** How many gateways have seen it. */
  readonly gateways: number;
  /** Why it may not be all; undefined when it is. */
  readonly unknown: string | undefined;
}

/** A gateway without a report for so long, or for three times its usual pause, is away. */
const SILENT_MS = 10_000;
/** A gateway's report counts for so long beyond the window, whether the gateway lives or not. */
const KEPT_MS = 60_000;

/** A class, since it lives longer than the plans that use it and is closed when none does. */
export class PeerGateways {
  readonly #world: World;
  readonly #board: EvidenceBoard;
  readonly #feature: string;
  readonly #by: string;
  #turn = 0;
  #told: { readonly told: EvidenceReport; readonly keepMs: number } | undefined;
  #heard = new Map<string, { readonly told: EvidenceReport; readonly at: number }>();
  /** Subject of the last exchange; undefined when it failed, and as long as there was none. */
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

  /**
   * Writes this gateway's report and reads those of the others. Never rejects. `everyMs`: how often
   * it is called.
   */
  exchange(about: string, own: Own, everyMs: number, windowMs: number): Promise<void> {
    this.#silentMs = Math.max(SILENT_MS, 3 * everyMs);
    this.#exchanging ??= this.#exchange(about, own, windowMs + KEPT_MS).finally(() => {
      this.#exchanging = undefined;
    });
    return this.#exchanging;
  }

  /**
   * The evidence of all gateways: `own` as it is now, and that of the others as they last reported
   * it.
   */
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

  /** The others' figures on places. */
  rates(about: string): ReportedRates[] {
    return [...this.#heard.values()].flatMap(({ told }) => (told.about === about && told.rates ? [told.rates] : []));
  }

  /** The others need not wait for this gateway any more. */
  close(): void {
    this.#closed = true;
    const last = this.#told;
    if (!last) return;
    const told = { ...last.told, turn: ++this.#turn, ended: true };
    // When the report cannot be written, they wait as for a gateway that died.
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
      // The outage of the store is reported elsewhere.
      this.#about = undefined;
    }
  }
}

const NOT_KNOWN = 'The evidence of other gateways is not known yet, or the store cannot be reached.';
const COUNTED: readonly Counted[] = [
  'requests',
  'failed',
  'compared',
  'measured',
  'uncompared',
  'mismatched',
  'masked',
];
