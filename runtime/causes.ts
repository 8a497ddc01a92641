// Seals why the function failed for the platform. The process fetches the key of the namespace as
// it begins to listen, so that the key is there before the first failure.
import { readFileSync } from 'node:fs';
import { dirname, relative } from 'node:path';
import { type Cause, type PlacedCause, sealCauses } from '../core/cause.ts';
import { pauseAfter } from '../core/retry/backoff.ts';
import { CAUSE_KEY_PATH } from '../core/wire.ts';
import type { Transport } from '../sdk/client/transport.ts';
import type { Thrown } from '../sdk/kernel/to-answer.ts';
import { firstFrame } from './first-frame.ts';

export interface CausesOptions {
  /** Path of the function's module: places in its source are told from its folder. */
  readonly module: string;
  /** Undefined: the first letters of the hash of the module. */
  readonly version: string | undefined;
  /** To the internal listener; undefined where the process does not know it. Asked for once. */
  readonly transport: () => Transport | undefined;
  /** Milliseconds of a clock that never goes back. */
  readonly monotonic: () => number;
  /** From 0 up to 1. */
  readonly random: () => number;
}

/** An answer waits so long for a key that is being fetched, and the fetch goes on after that. */
const WAIT_MS = 1_000;
/** A fetch ends here. No answer waits for it any more. */
const FETCH_MS = 30_000;
/** The key changes with the secret of the platform only. */
const RENEW_MS = 600_000;
/** After a fetch that failed. Answers that fail meanwhile tell no cause. */
const PAUSES = { base: 1_000, max: 60_000 };
const KEY_BYTES = 32;
/** More of them have no room in one answer. */
const MOST_CAUSES = 100;
const VERSION_LETTERS = 8;

interface Known {
  readonly key: Buffer;
  readonly fetchedAt: number;
}

/** A class, as its key, its failures and its fetch belong together. */
export class Causes {
  readonly #options: CausesOptions;
  #known: Known | undefined;
  #fetching: Promise<void> | undefined;
  #failures = 0;
  #notBefore = Number.NEGATIVE_INFINITY;
  #version: string | undefined;
  #transport: Transport | undefined;

  constructor(options: CausesOptions) {
    this.#options = options;
  }

  /**
   * Asks for the key before the platform knows that the process listens, so before its first call.
   * A fetch that fails here is repeated at the first failure, without a pause.
   */
  begin(): void {
    this.#fetch().catch(() => {});
  }

  /** Undefined where there is no key, as at a platform of an earlier release. Never rejects. */
  async seal(thrown: readonly Thrown[], trace: string): Promise<string | undefined> {
    try {
      const causes = thrown.slice(0, MOST_CAUSES).map(({ of, error }): PlacedCause => {
        const cause = this.#toCause(error, trace);
        return of === undefined ? { cause } : { of, cause };
      });
      await this.#renew();
      return this.#known && sealCauses(this.#known.key, causes);
    } catch {
      // An answer without a cause is better than none.
      return undefined;
    }
  }

  async #renew(): Promise<void> {
    const { monotonic, random } = this.#options;
    const now = monotonic();
    const isFresh = this.#known !== undefined && now - this.#known.fetchedAt < RENEW_MS;
    if (isFresh || now < this.#notBefore) return;
    const isUnderWay = this.#fetching !== undefined;
    const fetched = this.#fetch().catch(() => {
      if (isUnderWay) return this.#renew();
      this.#notBefore = monotonic() + pauseAfter(++this.#failures, PAUSES, random());
    });
    // The key that is known goes on to hold while a new one is fetched.
    if (this.#known === undefined) await within(WAIT_MS, fetched);
  }

  /** Rejects where nobody gives one; a fetch that is under way goes on for all. */
  async #fetch(): Promise<void> {
    this.#transport ??= this.#options.transport();
    const transport = this.#transport;
    if (transport === undefined) return;
    this.#fetching ??= fetchKey(transport)
      .then(key => {
        this.#known = { key, fetchedAt: this.#options.monotonic() };
        this.#failures = 0;
      })
      .finally(() => {
        this.#fetching = undefined;
      });
    await this.#fetching;
  }

  #toCause(error: unknown, trace: string): Cause {
    const { name, message, stack } = told(error);
    const at = this.#placeIn(stack);
    this.#version ??= this.#options.version ?? versionOf(this.#options.module);
    return { name, message, ...(at === undefined ? {} : { at }), trace, version: this.#version };
  }

  #placeIn(stack: string): string | undefined {
    const place = firstFrame(stack);
    return place && `${relative(dirname(this.#options.module), place.file)}:${place.line}:${place.column}`;
  }
}

/** A function can give its errors members of any type, and such that throw when they are read. */
function told(error: unknown): { readonly name: string; readonly message: string; readonly stack: string } {
  try {
    if (error instanceof Error)
      return { name: textOf(error.name), message: textOf(error.message), stack: textOf(error.stack ?? '') };
    return { name: 'Thrown', message: `a value that is no error was thrown: ${textOf(error)}`, stack: '' };
  } catch {
    return { name: 'Thrown', message: 'an error that cannot be read was thrown', stack: '' };
  }
}

function textOf(value: unknown): string {
  try {
    return String(value);
  } catch {
    return `a ${typeof value}`;
  }
}

async function within(ms: number, work: Promise<void>): Promise<void> {
  const late = Promise.withResolvers<void>();
  const timer = setTimeout(late.resolve, ms);
  await Promise.race([work, late.promise]);
  clearTimeout(timer);
}

async function fetchKey(transport: Transport): Promise<Buffer> {
  const { status, body } = await transport({
    method: 'GET',
    target: CAUSE_KEY_PATH,
    headers: {},
    body: undefined,
    signal: AbortSignal.timeout(FETCH_MS),
  });
  const key = Buffer.from(body.toString('latin1'), 'base64url');
  if (status !== 200 || key.length !== KEY_BYTES) throw new Error(`There is no key for causes: status ${status}.`);
  return key;
}

/** Tells the code of one time from that of another. */
function versionOf(module: string): string {
  try {
    const { hash } = process.getBuiltinModule('node:crypto');
    return hash('sha256', readFileSync(module), 'hex').slice(0, VERSION_LETTERS);
  } catch {
    return 'unknown';
  }
}
