// The steps of a pipeline that keep nothing: filter, map and flatMap by expression, branch.
import { compileTemplate } from '../../../core/cel/template.ts';
import type { CloudEvent } from '../../../core/cloudevents/cloud-event.ts';
import { TenfoldError } from '../../../core/errors.ts';
import { scopeOf } from '../../../resources/references/scopes.ts';
import { each, type Flow, runFlow, type Step } from './flow.ts';
import type { FlowItem } from './item.ts';

/** Events that one event may become in one step. */
export const MAX_MADE = 10_000;

export function compileCondition(text: string): (event: CloudEvent) => boolean {
  const template = compileTemplate(text, scopeOf('event'), { expected: 'bool', whole: true });
  return event => template.evaluate({ event }) === true;
}

export function filterStep(text: string): Step {
  const holds = compileCondition(text);
  return (items, run) => {
    const results: FlowItem[] = [];
    for (const item of items) {
      try {
        if (holds(item.event)) results.push(item);
        else run.leftOut.filtered++;
      } catch (error) {
        run.refuse(item, error);
      }
    }
    return results;
  };
}

/** `origin`: the beginning of the ids of the events that it makes. */
export function mapStep(text: string, origin: string): Step {
  const data = compileTemplate(text, scopeOf('event'), { whole: true });
  return each((item, results) => {
    results.push(made(item, data.evaluate({ event: item.event }), item.place, origin));
  });
}

export function flatMapStep(text: string, origin: string): Step {
  const list = compileTemplate(text, scopeOf('event'), { whole: true });
  return each((item, results) => {
    const values = list.evaluate({ event: item.event });
    if (!Array.isArray(values)) throw new TenfoldError('expression-failed', `${text} gives no list.`);
    if (values.length > MAX_MADE) {
      throw new TenfoldError('expression-failed', `${text} gives ${values.length} events; ${MAX_MADE} are allowed.`);
    }
    for (const [index, value] of values.entries()) results.push(made(item, value, `${item.place}-${index}`, origin));
  });
}

export interface Branch {
  /** Undefined: all events that no branch before it took. */
  readonly when: string | undefined;
  readonly flow: Flow;
}

/** Each event goes to the first branch that wants it; the others go on. */
export function branchStep(branches: readonly Branch[]): Step {
  const ways = branches.map(({ when, flow }) => ({
    wants: when === undefined ? always : compileCondition(when),
    flow,
  }));
  return async (items, run) => {
    const taken: FlowItem[][] = ways.map(() => []);
    const rest: FlowItem[] = [];
    for (const item of items) {
      try {
        const way = ways.findIndex(({ wants }) => wants(item.event));
        (taken[way] ?? rest).push(item);
      } catch (error) {
        run.refuse(item, error);
      }
    }
    for (const [way, { flow }] of ways.entries()) await runFlow(flow, taken[way] ?? [], run);
    return rest;
  };
}

/** The event with other data. */
export function made(item: FlowItem, data: unknown, place: string, origin: string): FlowItem {
  const { dataschema: _, datacontenttype: __, ...attributes } = item.event;
  const event: CloudEvent = { ...attributes, specversion: '1.0', id: `${origin}/${place}`, data };
  return { event, place, cause: item.cause };
}

function always(): boolean {
  return true;
}
