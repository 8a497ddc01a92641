// The part of what was gathered that the state of one resource is decided from. Ten thousand
// resources that each look through all reports would hold up the process for seconds.

import { ownersOf } from '../../resources/part-of.ts';
import type { AnyResource } from '../../resources/resource.ts';
import type { ConsumerReport } from '../event-view.ts';
import type { Gathered } from '../gathered.ts';

interface Named {
  readonly namespace: string;
  readonly name: string;
}

/** Conditions and findings that are decided from a slice are those of the whole. */
export function slicesOf(gathered: Gathered): (resource: AnyResource) => Gathered {
  const files = Map.groupBy(gathered.resources, ({ origin }) => origin.file);
  const problems = Map.groupBy(gathered.problems, ({ file }) => file);
  const functions = byName(gathered.functions);
  const calls = byName(gathered.calls);
  const routes = byName(gathered.routes);
  const stranglers = byName(gathered.stranglers);
  const topics = known(gathered.topics, byName);
  const views = known(gathered.views, byName);
  const pipelines = known(gathered.pipelines, byName);
  const fanOuts = known(gathered.fanOuts, byName);
  const consumers = known(gathered.consumers, byOwner);
  const damaged = known(gathered.damaged, list => lookUp(list, ({ owner }) => [keyOf(owner)]));
  return resource => {
    const { file } = resource.origin;
    const key = keyOf(resource.metadata);
    const own = problems.get(file) ?? [];
    return {
      ...gathered,
      resources: own.length === 0 ? [] : (files.get(file) ?? []),
      problems: own,
      functions: functions(key),
      calls: calls(key),
      routes: routes(key),
      stranglers: stranglers(key),
      topics: topics?.(key),
      views: views?.(key),
      pipelines: pipelines?.(key),
      fanOuts: fanOuts?.(key),
      consumers: consumers?.(resource.kind === 'Function' ? callerKey(resource.metadata) : key),
      damaged: damaged?.(key),
    };
  };
}

type LookUp<T> = (key: string) => readonly T[];

function lookUp<T>(list: readonly T[], keysOf: (one: T) => readonly string[]): LookUp<T> {
  const found = new Map<string, T[]>();
  for (const one of list) {
    for (const key of keysOf(one)) {
      const others = found.get(key);
      if (others) others.push(one);
      else found.set(key, [one]);
    }
  }
  return key => found.get(key) ?? [];
}

function byName<T extends Named>(list: readonly T[]): LookUp<T> {
  return lookUp(list, one => [keyOf(one)]);
}

/** Undefined for a list that could not be asked for. */
function known<T, R>(list: readonly T[] | undefined, index: (list: readonly T[]) => R): R | undefined {
  return list && index(list);
}

/**
 * Consumers by the resource that they are part of, such as `renditions` for `renditions/splits` and
 * `shop` for `shop.orders`; and by the Function that they call.
 */
function byOwner(list: readonly ConsumerReport[]): LookUp<ConsumerReport> {
  return lookUp(list, ({ kind, namespace, name, target }) => {
    const owners = ownersOf({ kind, name }).map(owner => keyOf({ namespace, name: owner }));
    return [...owners, `${namespace} calls ${target}`];
  });
}

function callerKey({ namespace, name }: Named): string {
  return `${namespace} calls function ${name}`;
}

function keyOf({ namespace, name }: Named): string {
  return `${namespace}/${name}`;
}
