// The time of an event, as its pipeline defines it.
import { compileTemplate } from '../../core/cel/template.ts';
import type { CloudEvent } from '../../core/cloudevents/cloud-event.ts';
import { parseTimestamp } from '../../core/world.ts';
import { scopeOf } from '../../resources/references/scopes.ts';

/** The time as it is written by default: no expression is needed for that. */
const USUAL = '${event.time}';

/** Milliseconds since 1970; undefined where the event has none. Throws `expression-failed`. */
export function compileEventTime(text: string): (event: CloudEvent) => number | undefined {
  if (text === USUAL) return ({ time }) => (time === undefined ? undefined : parseTimestamp(time));
  const template = compileTemplate(text, scopeOf('event'), { expected: 'timestamp', whole: true });
  return event => {
    const ms = template.evaluate({ event });
    return typeof ms === 'number' ? ms : undefined;
  };
}
