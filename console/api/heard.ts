// Says which part of a change an answer depends on, so that pages ask again for what matters alone.
import type { ChangeSubject } from '../../admin/live/change.ts';
import { isItOrPartOf } from '../../resources/part-of.ts';
import type { LiveOptions } from './live.ts';

interface Named {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

type On = NonNullable<LiveOptions<unknown>['on']>;

/** Numbers that differ after an event was given up, parked, or tried once more. */
const OF_FAILURES = ['deadLetters', 'parkedKeys', 'parkedEvents', 'failures', 'state'] as const;
const FAILING: readonly ChangeSubject[] = ['consumer', 'view', 'pipeline', 'fan-out'];

/** All that is told of these. */
export function wholeOf(...subjects: readonly ChangeSubject[]): On {
  return change => (subjects.includes(change.what) ? 'all' : undefined);
}

/** All that is told of whatever reads events in a namespace. */
export function consumersIn(namespace: string): On {
  const told = wholeOf('consumer', 'view', 'pipeline');
  return change => (change.namespace === namespace ? told(change) : undefined);
}

/** All that is told of a resource and its parts. */
export function allOf(resource: Named): On {
  return ({ namespace = '', kind, name }) => (isItOrPartOf({ kind, namespace, name }, resource) ? 'all' : undefined);
}

/** The numbers of failures of one consumer, with its whole and its parts, or of all. */
export function failuresOf(consumer: Named | undefined): On {
  return ({ what, kind, namespace = '', name, value }) => {
    if (!FAILING.includes(what)) return undefined;
    const one = { kind, namespace, name };
    if (consumer !== undefined && !isItOrPartOf(one, consumer) && !isItOrPartOf(consumer, one)) return undefined;
    const numbers = (value ?? {}) as Readonly<Record<string, unknown>>;
    return { part: JSON.stringify(OF_FAILURES.map(each => numbers[each])) };
  };
}
