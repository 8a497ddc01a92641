// Keys of events and folders of archives are shown as they are, so one that is made of a sensitive
// value gets a warning.
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

describe('a folder of an archive of events with sensitive fields', () => {
  const archive = (value: string) => `{ archive: { folders: { one: "\${${value}}" } } }`;
  const rows: readonly [name: string, spec: string, warned: readonly string[]][] = [
    ['made of one', `to: [${archive('event.data.card')}]`, ['spec.to[0].archive.folders.one']],
    ['made of another', `to: [${archive('event.data.guest.name')}]`, []],
    ['made of its hash', `to: [${archive('hash(event.data.card)')}]`, []],
    [
      'made of one behind a filter and in a branch',
      `steps: [{ filter: "\${event.data.guest.name != ''}" }, { branch: [{ when: "\${true}", to: [${archive('event.data.card')}] }] }], to: [{ topic: a }]`,
      ['spec.steps[1].branch[0].to[0].archive.folders.one'],
    ],
    ['of other events', `steps: [{ map: "\${{'card': 1}}" }], to: [${archive('event.data.card')}]`, []],
  ];
  for (const [name, spec, warned] of rows) {
    it(`${warned.length > 0 ? 'is warned of' : 'may be'} ${name}`, () => {
      const found = check([
        ['Topic', 'a', `{ ${schema} }`],
        ['Pipeline', 'b', `{ from: { topic: a }, ${spec} }`],
      ]);
      const told = found.filter(({ message }) => message.includes('sensitive'));
      assert.deepEqual(
        told.map(({ path, severity }) => `${severity} ${path}`),
        warned.map(path => `warning ${path}`),
      );
    });
  }
});
