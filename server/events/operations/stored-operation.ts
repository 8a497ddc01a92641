// An operation as the store keeps it: what was planned, how far it is, and who carries it out.
import * as z from 'zod';
import {
  type OperationReport,
  type OperationState,
  operationActions,
  operationStates,
} from '../../../admin/commands/operation-view.ts';
import { consumerKinds } from '../../../admin/consumer-name.ts';
import { toTimestamp } from '../../../core/world.ts';

const VERSION = 1;

const stored = z.object({
  v: z.literal(VERSION),
  id: z.string(),
  action: z.enum(operationActions),
  consumer: z.object({ kind: z.enum(consumerKinds), namespace: z.string(), name: z.string() }),
  state: z.enum(operationStates),
  total: z.number(),
  groups: z.array(z.object({ id: z.string(), cause: z.string(), count: z.number() })).optional(),
  sample: z.array(z.string()),
  notes: z.array(z.string()),
  rate: z.number().optional(),
  hasEdit: z.boolean(),
  token: z.string(),
  /** Items before this place of the plan have their results. */
  position: z.number(),
  done: z.number(),
  refused: z.number(),
  inDoubt: z.number(),
  plannedAt: z.number(),
  startBy: z.number(),
  keptUntil: z.number(),
  startedAt: z.number().optional(),
  endedAt: z.number().optional(),
  problem: z.string().optional(),
  /** The process that carries it out: the items behind `position` may have been asked for. */
  owner: z.string().optional(),
  /** Who started it. */
  asker: z.object({ by: z.string(), from: z.string(), client: z.string().optional() }).optional(),
});

export type StoredOperation = Readonly<z.output<typeof stored>>;

export function encodeOperation(operation: Omit<StoredOperation, 'v'>): string {
  return JSON.stringify({ ...operation, v: VERSION });
}

/** Undefined for one of a later release. */
export function decodeOperation(value: Uint8Array): StoredOperation | undefined {
  return stored.safeParse(JSON.parse(Buffer.from(value).toString('utf8'))).data;
}

export function hasEnded({ state }: StoredOperation): boolean {
  return state === 'done' || state === 'stopped' || state === 'failed';
}

export function toReport(operation: StoredOperation, now: number): OperationReport {
  const { id, action, consumer, total, groups, sample, notes, rate, position } = operation;
  const { done, refused, inDoubt, plannedAt, startBy, keptUntil, startedAt, problem } = operation;
  const state = stateOf(operation);
  const endedAt = state === 'stopping' ? undefined : operation.endedAt;
  const etaMs = etaOf(operation, now);
  return {
    id,
    action,
    consumer,
    state,
    total,
    ...(groups === undefined ? {} : { groups }),
    sample,
    notes,
    ...(rate === undefined ? {} : { rate }),
    done,
    refused,
    inDoubt,
    left: total - position,
    ...(etaMs === undefined ? {} : { etaMs }),
    plannedAt: toTimestamp(plannedAt),
    startBy: toTimestamp(startBy),
    ...(startedAt === undefined ? {} : { startedAt: toTimestamp(startedAt) }),
    ...(endedAt === undefined ? {} : { endedAt: toTimestamp(endedAt) }),
    keptUntil: toTimestamp(keptUntil),
    ...(problem === undefined ? {} : { problem }),
  };
}

/** Who carries it out learns of a stop once the items that it asked for have their results. */
function stateOf({ state, owner }: StoredOperation): OperationState {
  return state === 'stopped' && owner !== undefined ? 'stopping' : state;
}

/** By its pace since the start, and by its rate where that is slower. */
function etaOf({ state, total, position, rate, startedAt }: StoredOperation, now: number): number | undefined {
  if (state !== 'running' || startedAt === undefined) return undefined;
  const left = total - position;
  const byPace = position === 0 ? 0 : (left * Math.max(0, now - startedAt)) / position;
  const byRate = rate === undefined ? 0 : (left * 1000) / rate;
  return byPace + byRate === 0 && left > 0 ? undefined : Math.round(Math.max(byPace, byRate));
}
