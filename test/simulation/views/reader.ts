// Asks a View at its endpoint again and again, as a gateway does that runs in a process of its own,
// and tells what was answered.
import { TenfoldError } from '../../../core/errors.ts';
import { createViewDirectory } from '../../../core/views/view-directory.ts';
import { AS_OF_HEADER, BEHIND_HEADER } from '../../../core/wire.ts';
import type { Store } from '../../../drivers/store/store.ts';
import type { Call } from '../../../gateway/exchange/target.ts';
import type { ViewSearch } from '../../../gateway/views/search-view.ts';
import { createViewTarget } from '../../../gateway/views/view-target.ts';
import type { SimulatedProcess } from '../kernel/process.ts';
import { EPOCH } from '../kernel/virtual-time.ts';
import type { SimulatedLog } from '../log/simulated-log.ts';
import type { Definition, Kind } from './definitions.ts';
import { textOf } from './model.ts';

export interface Answer {
  /** By key; undefined where there is nothing. */
  readonly found: ReadonlyMap<string, string | undefined>;
  readonly isList: boolean;
  /** Times of the simulation. */
  readonly asked: number;
  readonly answered: number;
  /** Undefined: what is not there is told without it. */
  readonly asOf: number | undefined;
  readonly behind: number;
}

export interface ReaderOptions {
  readonly process: SimulatedProcess;
  readonly log: SimulatedLog;
  readonly store: Store;
  readonly search: ViewSearch;
  readonly kind: Kind;
  readonly keys: readonly string[];
  readonly definition: () => Definition;
  readonly answered: (answer: Answer) => void;
  readonly failed: (error: unknown) => void;
}

const EVERY_MS = 400;
/** As a deadline at the gateway. */
const PATIENCE_MS = 10_000;

export function startReader(options: ReaderOptions): void {
  const { process, kind, keys, answered, failed } = options;
  const { chance } = process.simulation;
  const views = createViewDirectory(process.world, options.store);
  let target: { readonly of: Definition; readonly send: (call: Call) => void } | undefined;

  const ask = async () => {
    const definition = options.definition();
    if (target?.of !== definition) {
      const { plan, resource } = definition;
      const made = createViewTarget({ ...options, world: process.world, views, resource, definition: plan.definition });
      target = { of: definition, send: call => made.send(call) };
    }
    const { send } = target;
    // A feed is asked for one owner at a time.
    const isList = kind !== 'feed' && chance.happens('asks for all', 0.5);
    const drawn = keys[chance.int('asks for key', 0, keys.length - 1)] ?? '';
    const asked = process.simulation.now;
    const { body, fields } = await callOf(process, isList ? listPath(kind) : pointPath(kind, drawn), send);
    const found = isList ? listOf(kind, keys, body) : new Map([[drawn, pointOf(kind, body)]]);
    const told = fields.get(AS_OF_HEADER);
    const asOf = told === undefined ? undefined : Date.parse(told) - EPOCH;
    const behind = Number(fields.get(BEHIND_HEADER));
    answered({ found, isList, asked, answered: process.simulation.now, asOf, behind });
  };
  const again = () => {
    ask()
      .catch(failed)
      .finally(() => process.after(chance.int('asking', 20, EVERY_MS), 'ask again', again));
  };
  again();
}

interface Called {
  /** Undefined: it is not there. */
  readonly body: string | undefined;
  readonly fields: ReadonlyMap<string, string>;
}

function callOf(process: SimulatedProcess, path: string, send: (call: Call) => void): Promise<Called> {
  const { promise, resolve, reject } = Promise.withResolvers<Called>();
  const deadline = new AbortController();
  const timer = process.after(PATIENCE_MS, 'deadline', () => deadline.abort(new Error('The deadline is over.')));
  promise.finally(() => timer.cancel()).catch(() => undefined);
  let fields = new Map<string, string>();
  const chunks: Buffer[] = [];
  const call: Call = {
    method: 'GET',
    path,
    headers: [],
    body: null,
    trace: Object(undefined),
    variables: Object(undefined),
    remainingMs: PATIENCE_MS,
    signal: deadline.signal,
    begun: false,
    ended: false,
    place: undefined,
    hold() {},
    fail(error) {
      if (error instanceof TenfoldError && error.code === 'not-found') resolve({ body: undefined, fields });
      else reject(error);
    },
    onRequestStart() {},
    onResponseStart({ rawHeaders }) {
      const texts = Array.isArray(rawHeaders) ? rawHeaders.map(String) : [];
      fields = new Map(texts.flatMap((name, at) => (at % 2 === 0 ? [[name, texts[at + 1] ?? '']] : [])));
    },
    onResponseData: (_, chunk) => void chunks.push(chunk),
    onResponseEnd: () => resolve({ body: Buffer.concat(chunks).toString(), fields }),
    onResponseError: (_, error) => reject(error),
  };
  send(call);
  return promise;
}

function pointPath(kind: Kind, key: string): string {
  return kind === 'feed' ? `/?owner=${key}&limit=100` : `/?key=${key}`;
}

function listPath(kind: Kind): string {
  if (kind === 'search') return '/?q=&limit=1000';
  return isRanking(kind) ? '/?top=1000' : '/?index=all&value=1&limit=1000';
}

function pointOf(kind: Kind, body: string | undefined): string | undefined {
  if (body === undefined) return undefined;
  const json = JSON.parse(body);
  if (kind === 'feed') return json.items.length === 0 ? undefined : textOf(json.items);
  return textOf(isRanking(kind) ? { score: json.score, value: json.value } : json);
}

function listOf(kind: Kind, keys: readonly string[], body: string | undefined): Map<string, string | undefined> {
  const { items } = JSON.parse(body ?? '{"items":[]}');
  const found = new Map<string, string | undefined>(keys.map(key => [key, undefined]));
  for (const { key, id, member, score, value } of items) {
    found.set(key ?? member ?? id, textOf(isRanking(kind) ? { score, value } : value));
  }
  return found;
}

function isRanking(kind: Kind): boolean {
  return kind === 'sum' || kind === 'max' || kind === 'last' || kind === 'window';
}
