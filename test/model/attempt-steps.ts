// Attempts of the model's owners, with every outcome; at once, or beginning now and ending later.

import type { Outcome } from '../../worker/deliver/destination.ts';
import { decide } from '../../worker/dispatch/lanes/attempt-rules.ts';
import type { ModelBounds } from './bounds.ts';
import { laneOf } from './owner-memory.ts';
import { deadOf, parkOf } from './records.ts';
import type { Rules } from './rules.ts';
import type { ModelItem, Owner, State } from './state.ts';
import { followAll, type StepMaker, type Write } from './step.ts';

const FAILED = { kind: 'failed', retryable: true, error: { message: '' } } as const satisfies Outcome;
const OUTCOMES = ['ok', 'fails'] as const;
/**
 * `again`: no attempt was made of it, as when a batch fails whole and is cut in two, or the
 * destination asks for a pause.
 */
const OUTCOMES_OF_CALLS = ['ok', 'fails', 'again'] as const;

export function attemptSteps(owner: Owner, bounds: ModelBounds, rules: Rules, step: StepMaker): void {
  const sourceRead = owner.source >= bounds.keys.length ? Number.POSITIVE_INFINITY : owner.source;
  for (const key of new Set(owner.items.map(({ key }) => key))) {
    const lane = laneOf(owner, key);
    const heads = rules.mustFollow('key', { items: [], running: undefined, parked: 1 }, FOLLOWER)
      ? lane.items.slice(0, 1)
      : lane.items;
    for (const head of heads) {
      if (!rules.mayAttempt(lane, head, sourceRead)) continue;
      for (const outcome of bounds.calls ? OUTCOMES_OF_CALLS : OUTCOMES) {
        if (outcome === 'ok' && bounds.poisoned?.includes(key)) continue;
        step(`${bounds.calls ? 'begins' : 'delivers'} ${head.offset}: ${outcome}`, (state, copy, write) => {
          const broken = begin(state, copy, head.offset, outcome, bounds);
          if (!bounds.calls) end(copy, itemOf(copy, head.offset), bounds, rules, write);
          return broken;
        });
      }
    }
    if (lane.running) {
      const { offset } = lane.running;
      step(`ends ${offset}`, (_, copy, write) => {
        end(copy, itemOf(copy, offset), bounds, rules, write);
        return '';
      });
    }
    // Behind an event that takes long, others may be sent to the parking log to make room.
    const waiting =
      bounds.calls && rules.makesRoom && lane.running
        ? lane.items.filter(item => item.state === 'fresh' && item !== lane.running && item.pending === 0)
        : [];
    if (waiting.length > 0) {
      step(`makes room in lane ${key}`, (_, copy, write) => {
        for (const { offset } of waiting) {
          const item = itemOf(copy, offset);
          item.parked = true;
          item.pending++;
          write(parkOf(offset, { generation: item.generation, attempts: 0 }));
        }
        return '';
      });
    }
  }
}

/**
 * Whether the rules know of followers at all; without, every event of a
 * lane is as good as its head.
 */
const FOLLOWER: ModelItem = {
  offset: 1,
  key: 0,
  state: 'fresh',
  pending: 0,
  attempts: 0,
  generation: 0,
  parked: false,
  running: '',
  cancelledBy: -1,
};

function begin(state: State, owner: Owner, offset: number, outcome: ModelItem['running'], bounds: ModelBounds): string {
  const item = itemOf(owner, offset);
  let broken = '';
  for (let earlier = 0; earlier < offset; earlier++) {
    const settled = ((state.handled | state.dead) >> earlier) & 1;
    if (bounds.keys[earlier] === item.key && !settled)
      broken = `O: event ${offset} is attempted while event ${earlier} of its key is open`;
  }
  const highest = owner.highest[item.key] ?? -1;
  if (highest > offset && item.generation === 0)
    broken ||= `O: an owner attempts event ${offset} after event ${highest} of its key`;
  if (owner.items.some(other => other.key === item.key && other.running !== '')) {
    broken ||= `O: event ${offset} is attempted while another of its key is running`;
  }
  if (item.generation === 0 && (owner.dead >> offset) & 1)
    broken ||= `T: event ${offset} was given up before this owner came`;
  if (item.state === 'held') broken ||= `H: event ${offset} is attempted while it is held`;
  owner.highest[item.key] = Math.max(highest, offset);
  item.running = outcome;
  if (outcome === 'ok') state.handled |= 1 << offset;
  return broken;
}

function end(owner: Owner, item: ModelItem, bounds: ModelBounds, rules: Rules, write: Write): void {
  const outcome = item.running;
  const cancelled = item.cancelledBy >= 0;
  item.running = '';
  if (outcome === 'ok') {
    if (item.state === 'fresh') {
      owner.items = owner.items.filter(other => other !== item);
      owner.done |= 1 << item.offset;
      return;
    }
    item.pending++;
    write({ type: 'done', event: item.offset });
    return;
  }
  if (outcome === 'again' && !cancelled) return;
  const retry = { attempts: bounds.attempts, backoff: 'constant', initial: 0, max: 0 } as const;
  const decision = decide(FAILED, item.attempts, retry, 0);
  if (decision.kind === 'dead' || cancelled) {
    const attempts = 'attempts' in decision ? decision.attempts : item.attempts;
    giveUp(item, attempts, cancelled ? item.cancelledBy : undefined, bounds.hold === true && !cancelled, write);
    if (bounds.hold) followAll(owner, item.key, rules, write);
    return;
  }
  if (decision.kind !== 'retry') return;
  item.pending++;
  if (item.state === 'fresh') {
    item.parked = true;
    write(parkOf(item.offset, { generation: item.generation, attempts: decision.attempts }));
  } else {
    write({ type: 'retry', event: item.offset, attempts: decision.attempts, at: 0, wait: 0 });
  }
  followAll(owner, item.key, rules, write);
}

export function giveUp(
  item: ModelItem,
  attempts: number,
  command: number | undefined,
  held: boolean,
  write: Write,
): void {
  const body = item.state === 'fresh' ? { record: parkOf(item.offset, { generation: 0, attempts: 0 }).record } : {};
  if (held) item.parked = true;
  item.pending++;
  item.cancelledBy = -1;
  write(deadOf(item.offset, { generation: item.generation, attempts, held, command, ...body }));
}

export function itemOf(owner: Owner, offset: number): ModelItem {
  const item = owner.items.find(each => each.offset === offset);
  if (item === undefined) throw new Error(`no event ${offset} in any lane`);
  return item;
}
