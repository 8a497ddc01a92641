// Which changes of the schema of a Topic are refused, and who is named.
import assert from 'node:assert/strict';
import { schemaChangeProblems } from '../../../resources/compatibility/schema-changes.ts';
import { loadText } from '../../../resources/load/load-text.ts';

const documents = (...list: object[]) => list.map(one => JSON.stringify(one)).join('\n---\n');
const head = (kind: string, name: string, namespace = 'shop') => ({
  apiVersion: 'tenfold.dev/v1alpha1',
  kind,
  metadata: { name, namespace },
});
const topic = (schema?: object, compatibility?: string) => ({
  ...head('Topic', 'orders'),
  spec: { ...(schema ? { schema } : {}), ...(compatibility ? { compatibility } : {}) },
});
const orders = (total?: object) => ({
  type: 'object',
  required: ['id'],
  properties: { id: { type: 'string' }, ...(total ? { total } : {}) },
});
const url = 'http://ship.example';
const READERS = [
  { ...head('Subscription', 'shipping'), spec: { topic: 'orders', to: { url } } },
  { ...head('Subscription', 'elsewhere', 'other'), spec: { topic: 'orders', to: { url } } },
  { ...head('Subscription', 'bills'), spec: { topic: 'bills', to: { url } } },
  {
    ...head('View', 'totals'),
    spec: {
      from: ['orders'],
      aggregate: { by: '${event.data.id}', values: { total: 'sum(event.data.total)' } },
    },
  },
  { ...head('Pipeline', 'large'), spec: { from: { topic: 'orders' }, to: [{ topic: 'bills' }] } },
  {
    ...head('FanOut', 'lines'),
    spec: { on: { topic: 'orders' }, split: '${event.data.lines}', worker: { url } },
  },
];

function problems(before: object, after: object) {
  const [old, now, readers] = [documents(before), documents(after), documents(...READERS)].map(
    text => loadText('app.yaml', text).resources,
  );
  const topicsOf = (list = now) => (list ?? []).filter(one => one.kind === 'Topic');
  return schemaChangeProblems({ before: topicsOf(old), after: topicsOf(now), readers: readers ?? [] });
}

describe('changes of the schema of a Topic', () => {
  const wide = orders({ type: ['number', 'null'] });
  const narrow = orders({ type: 'integer' });

  it('name the readers of the Topic, those first that name the field, and the way on', () => {
    assert.deepEqual(
      problems(topic(wide), topic(narrow)).map(({ severity, path, message }) => ({ severity, path, message })),
      [
        {
          severity: 'error',
          path: 'spec.schema.properties.total.type',
          message:
            'The change of total breaks readers of the Topic "orders", whose compatibility is backward. The new schema takes integer here, and events from before may hold null or number with a fraction. View "totals" (names data.total), FanOut "lines", Pipeline "large", Subscription "shipping" read the Topic. Add an optional field instead, or publish the new shape to a new Topic. If no reader minds, set compatibility: none for this change.',
        },
      ],
    );
  });

  it('warn where a field is masked no longer, whatever the compatibility', () => {
    const secret = { type: 'string', 'x-sensitive': true };
    const people = (email: object, note: object, more: object) => ({
      type: 'object',
      $defs: { person: { type: 'object', properties: { email, next: { $ref: '#/$defs/person' } } } },
      properties: { owner: { $ref: '#/$defs/person' }, lines: { type: 'array', items: { properties: { note } } } },
      additionalProperties: more,
    });
    const marked = people(secret, secret, { ...secret, maxLength: 9 });
    const open = { type: 'string' };
    const warnedOf = (after: object) =>
      problems(topic(marked, 'none'), after).map(
        ({ severity, message }) => `${severity} ${/^The field (\S+) of .* no longer marked/.exec(message)?.[1]}`,
      );
    assert.deepEqual(warnedOf(topic(people(open, open, { ...open, maxLength: 9 }), 'none')), [
      'warning owner.email',
      'warning owner.next.email',
      'warning lines[].note',
      'warning *',
    ]);
    assert.deepEqual(warnedOf(topic(people(open, secret, secret), 'none')), [
      'warning owner.email',
      'warning owner.next.email',
    ]);
    assert.deepEqual(warnedOf(topic(marked, 'none')), []);
    assert.deepEqual(warnedOf(topic({ ...marked, ...secret }, 'none')), []);
    assert.deepEqual(warnedOf(topic(undefined, 'none')).length, 4);
  });

  const rows: readonly [name: string, before: object, after: object, severities: readonly string[]][] = [
    ['are taken where they are none', topic(wide), topic(wide), []],
    ['are taken where they widen', topic(narrow), topic(wide), []],
    ['are refused for old readers where they widen', topic(narrow), topic(wide, 'forward'), ['error']],
    ['are refused for old and new readers', topic(narrow), topic(wide, 'full'), ['error']],
    ['are taken where compatibility is none', topic(wide), topic(narrow, 'none'), []],
    ['are judged by what the new file says', topic(wide, 'none'), topic(narrow), ['error']],
    ['bring a warning for a new optional field', topic(orders()), topic(wide), ['warning']],
    ['bring a warning for a field that goes', topic(wide), topic(orders(), 'forward'), ['warning']],
    ['bring a warning for a first schema', topic(), topic(wide), ['warning']],
    ['are taken where the schema goes', topic(wide), topic(), []],
    ['are refused for old readers where the schema goes', topic(wide), topic(undefined, 'forward'), ['error']],
    ['are of one Topic, not of another', { ...topic(wide), ...head('Topic', 'bills') }, topic(narrow), []],
  ];
  for (const [name, before, after, severities] of rows) {
    it(name, () => {
      const found = problems(before, after);
      assert.deepEqual(
        found.map(({ severity }) => severity),
        severities,
        JSON.stringify(found),
      );
    });
  }
});
