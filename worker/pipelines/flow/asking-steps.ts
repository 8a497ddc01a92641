// The steps of a pipeline that ask others: a function, a View, or the store for earlier events.

import type { CloudEvent } from '../../../core/cloudevents/cloud-event.ts';
import { contentModeOf, decodeEventExactly, decodeEventsExactly } from '../../../core/cloudevents/decode.ts';
import { isJsonType } from '../../../core/cloudevents/media-type.ts';
import { TenfoldError } from '../../../core/errors.ts';
import { parseExactly } from '../../../core/units/whole-numbers.ts';
import { type CallAnswer, headerOf } from '../../deliver/caller.ts';
import { isPoison } from '../../fold/poison.ts';
import { compileKey } from '../window/window-plan.ts';
import type { Step } from './flow.ts';
import type { FlowItem } from './item.ts';
import { MAX_MADE, made } from './steps.ts';

/** Longest key that is remembered. */
const MAX_KEY = 512;

/**
 * `many`: the function answers with any number of events, otherwise with one. An answer without a
 * body: none.
 */
export function functionStep(name: string, many: boolean, origin: string): Step {
  return async (items, run) => {
    const results: FlowItem[] = [];
    for (const item of items) {
      const answer = await run.tools.call(name, item, run, run.signal);
      try {
        results.push(...readAnswer(answer, item, many, origin));
      } catch (error) {
        run.refuse(item, error);
      }
    }
    return results;
  };
}

/** Throws `invalid-event` and the like for an unusable answer. */
function readAnswer(answer: CallAnswer, item: FlowItem, many: boolean, origin: string): FlowItem[] {
  const { headers, body, status } = answer;
  if (status === 204 || body.length === 0) return [];
  const mode = contentModeOf(headers);
  if (mode !== undefined) {
    const events = many ? decodeEventsExactly(headers, body) : [decodeEventExactly(headers, body)];
    return bounded(events).map((event, index) => derived(event, item, placeOf(item, many, index), origin));
  }
  const type = headerOf(answer, 'content-type');
  if (type === undefined || !isJsonType(type)) {
    throw new TenfoldError('invalid-event', 'The function answered with something that is neither an event nor JSON.');
  }
  const data = parse(body);
  if (!many) return [made(item, data, item.place, origin)];
  if (!Array.isArray(data))
    throw new TenfoldError('invalid-event', 'The function answered with something that is no list.');
  return bounded(data).map((each, index) => made(item, each, placeOf(item, true, index), origin));
}

function placeOf({ place }: FlowItem, many: boolean, index: number): string {
  return many ? `${place}-${index}` : place;
}

/** The function's own event, under an id by which a repeat is recognised. */
function derived(event: CloudEvent, { cause }: FlowItem, place: string, origin: string): FlowItem {
  return { event: { ...event, id: `${origin}/${place}` }, place, cause };
}

function bounded<T>(list: readonly T[]): readonly T[] {
  if (list.length <= MAX_MADE) return list;
  throw new TenfoldError('invalid-event', `The function answered with ${list.length} events; ${MAX_MADE} are allowed.`);
}

function parse(body: Buffer): unknown {
  try {
    return parseExactly(body.toString('utf8'));
  } catch {
    throw new TenfoldError('invalid-event', 'The function answered with something that is not valid JSON.');
  }
}

export interface JoinSpec {
  readonly view: string;
  readonly key: string;
  readonly as: string;
  readonly required: boolean;
}

/** Adds the row as it is when the event comes by. */
export function joinStep({ view, key, as, required }: JoinSpec, origin: string): Step {
  const keyOf = compileKey(key);
  return async (items, run) => {
    const asked: { readonly item: FlowItem; readonly key: string; readonly data: object }[] = [];
    for (const item of items) {
      try {
        const { data } = item.event;
        if (typeof data !== 'object' || data === null || Array.isArray(data) || data instanceof Uint8Array) {
          throw new TenfoldError('expression-failed', `A row of ${view} cannot be added to data that are no object.`);
        }
        asked.push({ item, key: keyOf(item.event), data });
      } catch (error) {
        run.refuse(item, error);
      }
    }
    if (asked.length === 0) return [];
    const rows = await run.tools.rows(
      view,
      asked.map(each => each.key),
    );
    return asked.flatMap(({ item, data }, index) => {
      const row = rows[index];
      if (row === undefined && required) {
        run.leftOut.unjoined++;
        return [];
      }
      return [made(item, { ...data, [as]: row ?? null }, item.place, origin)];
    });
  };
}

/** `step`: its name within the pipeline. */
export function dedupeStep({ by, window }: { readonly by: string; readonly window: number }, step: string): Step {
  const keyOf = compileKey(by);
  return async (items, run) => {
    /** By key, the newest open question: questions about one key go one after the other. */
    const last = new Map<string, Promise<unknown>>();
    const ask = (item: FlowItem): Promise<boolean> => {
      const key = keyOf(item.event);
      if (key === '' || key.length > MAX_KEY) {
        throw new TenfoldError('expression-failed', `${by} must give a text of at most ${MAX_KEY} characters.`);
      }
      const before = last.get(key) ?? Promise.resolve();
      const asked = before.then(() => run.tools.isFirst(step, key, item, window));
      last.set(key, asked);
      return asked;
    };
    const asked = items.map(async item => {
      try {
        const isFirst = await ask(item);
        if (!isFirst) run.leftOut.deduplicated++;
        return isFirst;
      } catch (error) {
        if (!isPoison(error)) throw error;
        run.refuse(item, error);
        return false;
      }
    });
    const first = await Promise.all(asked);
    return items.filter((_, index) => first[index]);
  };
}
