// A resource with mistakes of its own: all else that is wrong with it is said as well, and nothing that would not be wrong once they are mended.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseAllDocuments } from 'yaml';
import { loadFiles } from '../../../resources/load/load-directory.ts';
import { checkReferences } from '../../../resources/references/checks.ts';
import type { ResourceProblem } from '../../../resources/resource.ts';
import { design } from '../kinds/design.ts';
import { mutationsOf } from '../kinds/mutations.ts';

const nothingThere = { filesBeside: () => [] };

function load(...documents: unknown[]) {
  return loadFiles([{ file: 'app.yaml', text: documents.map(one => JSON.stringify(one)).join('\n---\n') }]);
}

function between(...documents: unknown[]): ResourceProblem[] {
  const loaded = load(...documents);
  return checkReferences(loaded.resources, { ...loaded, ...nothingThere });
}

const told = (problems: readonly ResourceProblem[]) => problems.map(({ path, message }) => `${path} | ${message}`);

const of = (kind: string, spec: unknown) => ({
  apiVersion: 'tenfold.dev/v1alpha1',
  kind,
  metadata: { name: 'a' },
  spec,
});

/** Whether a finding is about what was changed. In a list from which something was taken the others have moved. */
function isAbout(finding: string, change: string): boolean {
  const [, place = '', missing] = /^(\S+) is (missing$)?/.exec(change) ?? [];
  const changed = missing === undefined ? place : place.replace(/\.\d+$/, '');
  const found = (finding.split(' | ', 1)[0] ?? '').replace(/\["?|"?\]/g, '.').replace(/\.+/g, '.');
  return `${found}.`.startsWith(`${changed}.`);
}

/** `document` with another value in one of its places. */
function replace(document: object, n: number, value: unknown): object {
  const copy = structuredClone(document);
  const members = membersOf(copy);
  const [parent, name] = members[n % members.length] ?? [copy, 'spec'];
  Reflect.set(parent, name, value);
  return copy;
}

function membersOf(value: unknown): [parent: object, name: string][] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => [[value, name], ...membersOf(inner)]);
}

describe('a resource with a mistake', () => {
  const rows: readonly [name: string, document: unknown, expected: readonly (string | RegExp)[]][] = [
    [
      'a Topic that is not there beside a field that is not',
      of('Subscription', { topic: 'orders', bogus: 1, to: { url: 'http://a' } }),
      [/^spec\.topic \| There is no Topic "orders"/],
    ],
    [
      'targets that are not there beside a duration that is none',
      of('Api', {
        routes: [
          { match: { path: '/x' }, timeout: 'soon', to: { function: 'f' } },
          { match: { path: '/y' }, to: { queue: 'q' } },
        ],
      }),
      [
        /^spec\.routes\[0\]\.to\.function \| There is no Function "f"/,
        /^spec\.routes\[1\]\.to\.queue \| There is no Queue "q"/,
      ],
    ],
    [
      'a source that is not there beside a number that is too large',
      of('Function', { source: './f.ts', concurrency: -1 }),
      ['spec.source | There is no file ./f.ts. Its path is relative to the file that declares it.'],
    ],
    [
      'an expression that does not compile beside a field that is not there',
      of('View', { from: [], tabel: 1, table: { key: '${event.}' } }),
      [/^spec\.table\.key \| /],
    ],
    [
      'an expression over a part that is not there beside one that is mistaken',
      of('Aggregate', { parts: { a: { to: { url: 'http://a' }, timeout: 'x' } }, response: { body: '${b.body}' } }),
      [/^spec\.response\.body \| /],
    ],
    [
      'a parameter that the path does not have, and a pattern that is none, beside a mistyped method',
      of('Api', {
        routes: [
          {
            match: { path: '/x/:id', method: 'GTE', headers: { x: { pattern: '(' } } },
            to: { url: 'http://a' },
            request: { path: '/${params.ids}' },
          },
        ],
      }),
      [/^spec\.routes\[0\]\.match\.headers\.x\.pattern \| /, /no parameter "ids"/],
    ],
    [
      'nothing of what a name that is none names',
      of('Subscription', { topic: 'No Name', to: { url: 'http://a' } }),
      [],
    ],
    [
      'nothing of parameters of a path that is none',
      of('Api', {
        routes: [{ match: { path: '/{id}' }, to: { url: 'http://a' }, request: { path: '/${params.id}' } }],
      }),
      [],
    ],
    [
      'nothing of claims where a mistyped field may bring them',
      of('Api', {
        atuh: { jwt: {} },
        routes: [{ match: { path: '/' }, to: { url: 'http://a' }, request: { path: '/${claims.sub}' } }],
      }),
      [],
    ],
    [
      'nothing of parts whose names are mistaken',
      of('Aggregate', { prats: { a: { to: { url: 'http://a' } } }, response: { body: '${a.body}' } }),
      [],
    ],
  ];
  for (const [name, document, expected] of rows) {
    it(`tells ${name}`, () => {
      assert.ok(load(document).problems.some(({ severity }) => severity === 'error'));
      const found = told(between(document));
      assert.equal(found.length, expected.length, found.join('\n'));
      for (const [index, one] of expected.entries()) {
        if (typeof one === 'string') assert.equal(found[index], one);
        else assert.match(found[index] ?? '', one);
      }
    });
  }

  it('tells what else is wrong where the apiVersion is', () => {
    const written = of('Subscription', { topic: 'orders', bogus: 1, to: { url: 'http://a' } });
    for (const version of ['tenfold.dev/v1', undefined]) {
      const document = { ...written, apiVersion: version };
      assert.deepEqual(
        load(document).problems.map(({ path }) => path),
        [version === undefined ? 'kind' : 'apiVersion', 'spec.bogus'],
      );
      assert.match(told(between(document))[0] ?? '', /^spec\.topic \| There is no Topic/);
    }
  });

  it('is looked for in its own namespace, and not where that is mistaken', () => {
    const subscription = of('Subscription', { topic: 'orders', bogus: 1, to: { url: 'http://a' } });
    const inNamespace = (namespace: unknown) => ({ ...subscription, metadata: { name: 's', namespace } });
    assert.match(told(between(inNamespace('shop')))[0] ?? '', /in the namespace "shop"/);
    assert.deepEqual(told(between(inNamespace(5))), []);
    assert.deepEqual(told(between(inNamespace('Not One'))), []);
  });

  it('keeps a View that it may feed from being called unfed', () => {
    const view = { ...of('View', { from: [], table: { key: '${event.id}' } }), metadata: { name: 'v' } };
    const pipeline = of('Pipeline', { from: { topic: 't' }, bogus: 1, to: [{ view: 'v' }] });
    assert.deepEqual(told(between(view, pipeline)), [
      'spec.from.topic | There is no Topic "t" in the namespace "default". Declare it, or name another Topic.',
    ]);
  });

  it('never comes into force, whatever else is said of it', () => {
    const loaded = load(of('Topic', {}), of('Subscription', { topic: 'a', bogus: 1, to: { url: 'http://a' } }));
    assert.deepEqual(
      loaded.resources.all.map(({ kind }) => kind),
      ['Topic'],
    );
    assert.ok(loaded.drafts.every(draft => !('spec' in draft)));
  });
});

describe('any resource that is mistaken in one place', () => {
  const documents = parseAllDocuments(design).map(one => one.toJS());
  const changed = documents.flatMap(document =>
    [...mutationsOf(document)].map(mutation => ({ ...mutation, original: document })),
  );

  it('is told of all that is wrong elsewhere, and of nothing else', () => {
    let drafts = 0;
    const before = new Map(documents.map(document => [document, told(between(document))]));
    for (const { change, original, document } of changed) {
      const loaded = load(document);
      if (loaded.drafts.length === 0) continue;
      drafts++;
      const found = told(checkReferences(loaded.resources, { ...loaded, ...nothingThere }));
      const expected = before.get(original) ?? [];
      // Other parts than before are truly not those that expressions name.
      const renamed = change.startsWith('spec.parts is {');
      const extra = found.filter(one => !expected.includes(one) && !(renamed && one.includes('There is no variable')));
      assert.deepEqual(extra, [], `${document.kind}: ${change}`);
      const references = expected.filter(one => / There is no /.test(one) && !isAbout(one, change));
      const missing = references.filter(one => !found.includes(one));
      assert.deepEqual(missing, [], `${document.kind}: ${change}`);
    }
    assert.ok(drafts > 1000, `only ${drafts} mistakes`);
  });

  it('is no reason to fail when several places are mistaken, whatever they hold', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.tuple(fc.constantFrom(...documents), fc.array(fc.tuple(fc.nat(), fc.jsonValue()), { maxLength: 5 })),
          {
            minLength: 1,
            maxLength: 3,
          },
        ),
        picked => {
          const broken = picked.map(([document, places]) =>
            places.reduce<object>((so, [n, value]) => replace(so, n, value), document),
          );
          for (const { path, message } of between(...broken)) {
            assert.match(path, /^spec\b|^metadata\b|^$/);
            assert.match(message, /^\S.*[.?\w]$/s);
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});
