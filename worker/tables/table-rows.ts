// Makes orders for rows of a table out of events, as the columns of a sink say.
import { compileTemplate } from '../../core/cel/template.ts';
import type { CloudEvent } from '../../core/cloudevents/cloud-event.ts';
import { TenfoldError } from '../../core/errors.ts';
import { toExactText } from '../../core/units/whole-numbers.ts';
import type { RowOrder } from '../../drivers/table-sink/table-sink.ts';
import { scopeOf } from '../../resources/references/scopes.ts';
import type { Resource } from '../../resources/resource.ts';

export type TableSpec = NonNullable<Resource<'Pipeline'>['spec']['to'][number]['postgres']>;

/** Bytes of the JSON of one row. */
const MAX_ROW = 16 << 20;

/** Throws `expression-failed`, `invalid-input` or `body-too-large`: no later attempt differs. */
export function createRowMaker({ key, columns, ...spec }: TableSpec): (event: CloudEvent) => RowOrder {
  const all = Object.entries(columns).map(([name, text]) => {
    return { name, value: compileTemplate(text, scopeOf('event'), { whole: true }) };
  });
  const ofKey = all.filter(({ name }) => key.includes(name));
  const isDelete =
    spec.delete === undefined
      ? undefined
      : compileTemplate(spec.delete, scopeOf('event'), { expected: 'bool', whole: true });
  const valuesOf = (list: typeof all, event: CloudEvent) =>
    list.map(({ name, value }) => [name, value.evaluate({ event }) ?? null] as const);
  return event => {
    const kind = isDelete?.evaluate({ event }) === true ? 'delete' : 'put';
    const values = valuesOf(kind === 'delete' ? ofKey : all, event);
    for (const [name, value] of values) {
      if (value === null && key.includes(name)) {
        throw new TenfoldError(
          'invalid-input',
          `The key column "${name}" would be null, so no row could be found by it.`,
        );
      }
    }
    const json = toExactText(Object.fromEntries(values));
    const bytes = Buffer.byteLength(json);
    if (bytes > MAX_ROW) {
      throw new TenfoldError('body-too-large', `The row has ${bytes} bytes; at most ${MAX_ROW} are written.`);
    }
    const keys = values.filter(([name]) => key.includes(name)).map(([, value]) => value);
    return { kind, key: toExactText(keys), json };
  };
}
