// Keys of events are shown as they are, so one that is made of a sensitive value gets a warning.
import assert from 'node:assert/strict';
import { check } from './check-text.ts';

const schema =
  'schema: { properties: { card: { x-sensitive: true }, guest: { properties: { phone: { x-sensitive: true }, name: {} } } } }';

describe('a key of events with sensitive fields', () => {
  const rows: readonly [key: string, warned: boolean][] = [
    ['event.data.card', true],
    ['event.data.card.last', true],
    ['event.data.guest.phone', true],
    ['event.subject + event.data.card', true],
    ['event.data.guest.name', false],
    ['event.subject', false],
    ['hash(event.data.card + event.data.guest.name)', false],
  ];
  for (const [key, warned] of rows) {
    it(`${warned ? 'is warned of' : 'may be'} ${key}`, () => {
      for (const spec of [
        `{ key: "\${${key}}", ${schema} }`,
        `{ key: "\${${key}}", order: key, to: { url: "http://x" }, ${schema} }`,
      ]) {
        const found = check([[spec.includes('order') ? 'Queue' : 'Topic', 'a', spec]]);
        assert.deepEqual(
          found
            .filter(({ message }) => message.includes('sensitive'))
            .map(({ path, severity }) => `${severity} ${path}`),
          warned ? ['warning spec.key'] : [],
        );
      }
    });
  }
});
