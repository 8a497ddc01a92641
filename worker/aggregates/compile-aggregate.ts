// Reads an aggregate as a window or a View writes it, such as `percentile(event.data.ms, 99)`: the
// value that it takes of each event, and how it adds values up.
import type { CloudEvent } from '../../core/cloudevents/cloud-event.ts';
import { TenfoldError } from '../../core/errors.ts';
import { scopeOf } from '../../resources/references/scopes.ts';
import { argumentOf } from '../../resources/references/window-aggregate.ts';
import type { Accumulator } from './aggregate.ts';
import { Average, Count, Edge, Extreme, Sum } from './basic.ts';
import { compileValue } from './compile-value.ts';
import { Distinct } from './distinct.ts';
import { Percentile } from './percentile.ts';
import { Top } from './top.ts';

export interface Aggregate {
  readonly name: string;
  /** Undefined: it takes no value. */
  readonly ask: ((event: CloudEvent) => unknown) | undefined;
  create(saved?: unknown): Accumulator;
}

/** Expressions were checked before. */
export function compileAggregate(name: string, text: string): Aggregate {
  const argument = argumentOf(text);
  const word = text.slice(0, text.indexOf('('));
  const number = Number(text.slice(text.lastIndexOf(',') + 1, -1));
  const value = argument && compileValue(argument.source, scopeOf('window'), argument.expected);
  const asked = word === 'min' || word === 'max' ? value && comparable(value, text) : value;
  return { name, ask: asked, create: creatorOf(word, number) };
}

function creatorOf(word: string, number: number): (saved?: unknown) => Accumulator {
  switch (word) {
    case 'count':
      return saved => new Count(saved);
    case 'sum':
      return saved => new Sum(saved);
    case 'avg':
      return saved => new Average(saved);
    case 'min':
      return saved => new Extreme(-1, saved);
    case 'max':
      return saved => new Extreme(1, saved);
    case 'first':
      return saved => new Edge(false, saved);
    case 'last':
      return saved => new Edge(true, saved);
    case 'distinct':
      return saved => new Distinct(saved);
    case 'top':
      return saved => new Top(number, saved);
    case 'percentile':
      return saved => new Percentile(number, saved);
  }
  throw new TenfoldError('invalid-resource', `There is no aggregate ${word}.`);
}

function comparable(value: (event: CloudEvent) => unknown, text: string): (event: CloudEvent) => unknown {
  return event => {
    const found = value(event);
    if (['number', 'bigint', 'string'].includes(typeof found) || found === null) return found;
    throw new TenfoldError('expression-failed', `${text} compares numbers and texts, and gets neither.`);
  };
}
