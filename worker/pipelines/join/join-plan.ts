// The plan that a step joinTopic compiles to.

import type { CloudEvent } from '../../../core/cloudevents/cloud-event.ts';
import { TenfoldError } from '../../../core/errors.ts';
import type { Resource } from '../../../resources/resource.ts';
import { compileKey, type WindowPlan } from '../window/window-plan.ts';

export type JoinTopicSpec = NonNullable<Resource<'Pipeline'>['spec']['steps'][number]['joinTopic']>;

/** Events of the step come from topic 0, those of the other Topic from topic 1. */
export type Side = 0 | 1;

export interface JoinPlan extends Pick<WindowPlan, 'lateness' | 'disorder' | 'idle'> {
  /** Resource name of the other Topic. */
  readonly topic: string;
  readonly kind: JoinTopicSpec['kind'];
  readonly as: string;
  /** How far apart events may be that belong together, milliseconds. */
  readonly within: number;
  /** The key of an event, by the side that it comes from. Throws `expression-failed`. */
  readonly keyOf: readonly [(event: CloudEvent) => string, (event: CloudEvent) => string];
  /** Expressions in `${…}`. */
  readonly timeOf: readonly [string, string];
}

/** Longest key; the names made of it must fit the bounds of the log. */
const MAX_KEY = 512;

export function compileJoin(spec: JoinTopicSpec, time: Resource<'Pipeline'>['spec']['time']): JoinPlan {
  const { topic, kind, as, within, key, otherKey, otherTime, allowedLateness } = spec;
  return {
    ...{ topic, kind, as, within },
    keyOf: [compileJoinKey(key), compileJoinKey(otherKey)],
    timeOf: [time.of, otherTime],
    lateness: allowedLateness,
    disorder: time.maxDisorder,
    idle: time.idle === 'never' ? Number.POSITIVE_INFINITY : time.idle,
  };
}

/** Events without a key belong to no other. */
function compileJoinKey(text: string): (event: CloudEvent) => string {
  const keyOf = compileKey(text);
  return event => {
    const key = keyOf(event);
    if (key !== '' && key.length <= MAX_KEY) return key;
    throw new TenfoldError('expression-failed', `${text} must give a text of 1 to ${MAX_KEY} characters to join by.`);
  };
}
