// The state of consumers, Views, Pipelines and FanOuts in all processes: each worker reports to the
// others over the store, and the asked process merges the reports.
import * as z from 'zod';
import type { ConsumerReport } from '../../../admin/event-view.ts';
import { type FailureReport, HOLDS } from '../../../admin/failure-view.ts';
import { jittered } from '../../../core/retry/backoff.ts';
import { createOutlook } from '../../../core/retry/outlook.ts';
import type { Timer, World } from '../../../core/world.ts';
import { allRows } from '../../shared/all-rows.ts';
import type { PresenceStore } from '../../shared/presence.ts';
import { reportedState, withReportedState } from './shared-state.ts';
import { divideParts, type StageParts, stageParts } from './stage-parts.ts';

const SCOPE = 'processes';
const TABLE = 'consumers';
/** A table apart: a release that does not know it reads the consumers all the same. */
const STAGES_TABLE = 'stages';
const TELL_MS = 2_000;
/** A process that has ended does not count after so long. */
const KEPT_MS = 8_000;
/** Reports in one row: it stays small beside the largest value of a store, whatever they say. */
const REPORTS_A_ROW = 200;
/** One write takes as many, and each of them is small beside the most that it takes. */
const ROWS_A_WRITE = 8;

const REFUSED =
  'other processes do not learn how the work of this process goes: the store does not take the report, which is written every two seconds';

const text = z.string();
const failure = z.object({
  at: text,
  id: text,
  eventId: text.optional(),
  key: text.nullable(),
  attempt: z.number(),
  reason: text,
  error: text,
  status: z.number().optional(),
  cause: z
    .object({
      name: text,
      message: text,
      at: text.exactOptional(),
      trace: text.exactOptional(),
      version: text.exactOptional(),
    })
    .optional(),
});
const first = z.object({ since: text, cause: text.optional() }).optional();
const part = z.object({
  kind: z.string(),
  namespace: z.string(),
  name: z.string(),
  target: z.string(),
  state: reportedState(['starting', 'running', 'resting', 'paused', 'stopped', 'finished']),
  lastError: z.string().optional(),
  // A later release may know more of what holds calls up.
  heldUp: z
    .object({ by: z.enum(HOLDS), until: text.optional(), message: text, isPartial: z.boolean().optional() })
    .optional()
    .catch(undefined),
  newestFailure: failure.optional(),
  lag: z.number().optional(),
  oldestAgeMs: z.number().optional(),
  inFlight: z.number(),
  parkedKeys: z.number(),
  parkedEvents: z.number(),
  failingKeys: z.number().optional(),
  heldKeys: z.number().optional(),
  failedFirst: first,
  heldFirst: first,
  delivered: z.number(),
  attempts: z.number(),
  failures: z.number(),
});
const parts = z.array(part);

export type ConsumerPart = Readonly<z.output<typeof part>>;

export interface OwnReports {
  readonly consumers: readonly ConsumerReport[];
  readonly stages: StageParts;
}

export interface SharedReports {
  /** Parts of all other processes that work. */
  others(): Promise<readonly ConsumerPart[]>;
  /** One report of each, or several of one that runs many. */
  stagesOfOthers(): Promise<readonly StageParts[]>;
  close(): void;
}

export interface SharedReportsOptions {
  readonly world: World;
  readonly store: PresenceStore;
  /** Of this process. */
  readonly id: string;
  /** How what it runs does; undefined in a process that takes no events. */
  readonly own: (() => OwnReports) | undefined;
  log(level: 'warn' | 'info', message: string, fields: Readonly<Record<string, string>>): void;
}

/** Undefined for a row of a later release, or one that is damaged. */
function parseRow<T>(schema: z.ZodType<T>, value: Uint8Array): T | undefined {
  try {
    return schema.safeParse(JSON.parse(Buffer.from(value).toString())).data;
  } catch {
    return undefined;
  }
}

/** At least one. */
function chunksOf<T>(all: readonly T[], most: number): (readonly T[])[] {
  const count = Math.max(1, Math.ceil(all.length / most));
  return Array.from({ length: count }, (_, at) => all.slice(at * most, (at + 1) * most));
}

export function shareReports({ world, store, id, own, log }: SharedReportsOptions): SharedReports {
  let timer: Timer | undefined;
  let closed = false;
  let reading: Promise<readonly StageParts[]> | undefined;
  const rows = (table: string, values: readonly unknown[]) =>
    values.map((value, at) => {
      const key = at === 0 ? id : `${id}/${at}`;
      return { kind: 'put-row', table, key, value: JSON.stringify(value), ttlMs: KEPT_MS } as const;
    });
  const outlook = createOutlook((state, error) => {
    if (state === 'back') log('info', 'other processes learn again how the work of this process goes', {});
    else log('warn', REFUSED, { reason: error instanceof Error ? error.message : String(error) });
  });
  const isOwn = (key: string) => key === id || key.startsWith(`${id}/`);
  const tell = async (reports: () => OwnReports) => {
    const { consumers, stages } = reports();
    const told = [
      ...rows(TABLE, chunksOf(consumers.map(withReportedState), REPORTS_A_ROW)),
      ...rows(STAGES_TABLE, divideParts(stages, REPORTS_A_ROW)),
    ];
    // A lost report is sent again soon.
    const lost: unknown[] = [];
    for (const some of chunksOf(told, ROWS_A_WRITE)) await store.apply(SCOPE, some).catch(error => lost.push(error));
    if (lost.length === 0) outlook.answered();
    else outlook.failed(lost[0]);
    if (!closed) timer = world.after(jittered(TELL_MS, world.random()), () => void tell(reports));
  };
  const read = async <T>(table: string, schema: z.ZodType<T>): Promise<T[]> => {
    const told = await allRows(store, SCOPE, table);
    return told.flatMap(({ key, value }) => {
      const found = isOwn(key) ? undefined : parseRow(schema, value);
      return found === undefined ? [] : [found];
    });
  };
  if (own) void tell(own);
  return {
    others: async () => (await read(TABLE, parts)).flat(),
    stagesOfOthers() {
      // Views, Pipelines and FanOuts are asked for together.
      reading ??= read(STAGES_TABLE, stageParts).finally(() => {
        reading = undefined;
      });
      return reading;
    },
    close() {
      closed = true;
      timer?.cancel();
    },
  };
}

/**
 * The state that says most about a consumer comes first: one process may have none of its
 * partitions.
 */
const STATES: readonly ConsumerReport['state'][] = ['stopped', 'paused', 'running', 'resting', 'finished', 'starting'];

function earliest(events: readonly NonNullable<ConsumerReport['failedFirst']>[]): ConsumerReport['failedFirst'] {
  return events.toSorted((one, other) => (one.since < other.since ? -1 : 1))[0];
}

/** Which process has the partition of an event is not known, so it counts where all are held up. */
function heldUpIn(all: readonly (ConsumerReport | ConsumerPart)[]): ConsumerReport['heldUp'] {
  const calling = all.filter(({ state }) => state === 'running' || state === 'resting');
  return calling.every(({ heldUp }) => heldUp !== undefined) ? calling[0]?.heldUp : undefined;
}

/** `others`: of the same consumer. */
export function mergeReports(own: ConsumerReport, others: readonly ConsumerPart[]): ConsumerReport {
  if (others.length === 0) return own;
  const all: readonly (ConsumerReport | ConsumerPart)[] = [own, ...others];
  const sum = (of: (one: ConsumerReport | ConsumerPart) => number) => all.reduce((total, one) => total + of(one), 0);
  const lags = all.flatMap(({ lag }) => lag ?? []);
  const ages = all.flatMap(({ oldestAgeMs }) => oldestAgeMs ?? []);
  return {
    ...own,
    state: STATES.find(state => all.some(one => one.state === state)) ?? own.state,
    lastError: all.find(({ lastError }) => lastError !== undefined)?.lastError,
    heldUp: heldUpIn(all),
    newestFailure: all
      .flatMap(({ newestFailure }) => newestFailure ?? [])
      .reduce<FailureReport | undefined>((newest, one) => (newest && newest.at >= one.at ? newest : one), undefined),
    lag: lags.length === 0 ? undefined : lags.reduce((total, lag) => total + lag, 0),
    oldestAgeMs: ages.length === 0 ? undefined : Math.max(...ages),
    inFlight: sum(({ inFlight }) => inFlight),
    parkedKeys: sum(({ parkedKeys }) => parkedKeys),
    parkedEvents: sum(({ parkedEvents }) => parkedEvents),
    // An earlier release tells of none apart.
    failingKeys: sum(({ failingKeys, parkedKeys }) => failingKeys ?? parkedKeys),
    heldKeys: sum(({ heldKeys }) => heldKeys ?? 0),
    failedFirst: earliest(all.flatMap(({ failedFirst }) => failedFirst ?? [])),
    heldFirst: earliest(all.flatMap(({ heldFirst }) => heldFirst ?? [])),
    delivered: sum(({ delivered }) => delivered),
    attempts: sum(({ attempts }) => attempts),
    failures: sum(({ failures }) => failures),
  };
}

/** `own`: one for each consumer. `parts`: of other processes, of any consumers. */
export function mergeAll(own: readonly ConsumerReport[], parts: readonly ConsumerPart[]): ConsumerReport[] {
  const idOf = ({ kind, namespace, name }: ConsumerReport | ConsumerPart) => `${kind}/${namespace}/${name}`;
  const others = Map.groupBy(parts, idOf);
  return own.map(report => mergeReports(report, others.get(idOf(report)) ?? []));
}
