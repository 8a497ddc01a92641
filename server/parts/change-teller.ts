// Tells of changed resources in the order of the changes: that one is live once its consumers have
// begun, so that a new Subscription gets what is published from then on.
import type { CatalogEvents, Snapshot } from '../../resources/catalog/catalog.ts';
import type { ResourceProblem } from '../../resources/resource.ts';
import type { GatewayLogEntry, PlatformEvents } from '../platform-events.ts';

export interface ChangeTellerOptions {
  readonly events: Partial<Pick<PlatformEvents, 'accepted' | 'refused'>>;
  /** Whether the consumers of the newest plan have begun; resolves in the end whatever happens. */
  consumersBegin(): Promise<boolean>;
  readonly signal: AbortSignal | undefined;
  log(entry: GatewayLogEntry): void;
}

export class ChangeTeller implements CatalogEvents {
  readonly #options: ChangeTellerOptions;
  #told: Promise<void> = Promise.resolve();
  #isStarted = false;

  constructor(options: ChangeTellerOptions) {
    this.#options = options;
  }

  /** Until then nobody waits for consumers: the start does so itself. */
  started(): void {
    this.#isStarted = true;
  }

  accepted(snapshot: Snapshot): void {
    const { events, consumersBegin } = this.#options;
    if (!this.#isStarted) return void events.accepted?.(snapshot, true);
    // Begun now, so that waits for quick changes do not add up.
    const begun = consumersBegin();
    this.#tellInTurn(async () => {
      const haveBegun = await begun;
      if (!this.#options.signal?.aborted) events.accepted?.(snapshot, haveBegun);
    });
  }

  refused(problems: readonly ResourceProblem[]): void {
    const { events } = this.#options;
    if (!this.#isStarted) return void events.refused?.(problems);
    this.#tellInTurn(() => events.refused?.(problems));
  }

  #tellInTurn(tell: () => void | Promise<void>): void {
    this.#told = this.#told.then(tell).catch(error => {
      const fields = { error: error instanceof Error ? error.message : String(error) };
      this.#options.log({ level: 'error', message: 'a change of the resources could not be told', fields });
    });
  }
}
