// A resource with mistakes of its own: all else that is wrong with it is said as well, and nothing
// that would not be wrong once they are mended.
import assert from 'node:assert/strict';
import { between, load, told } from './between-documents.ts';

const of = (kind: string, spec: unknown) => ({
  apiVersion: 'tenfold.dev/v1alpha1',
  kind,
  metadata: { name: 'a' },
  spec,
});

const drafts: readonly [name: string, document: unknown, expected: readonly (string | RegExp)[]][] = [
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
    'a circle of parts beside a duration that is none',
    of('Aggregate', {
      timeout: 'soon',
      parts: {
        a: { to: { url: 'http://a' }, path: '/${b.body}' },
        b: { to: { url: 'http://a' }, body: { x: '${a.body}' }, timeout: 5 },
        'c d': { to: { url: 'http://a' } },
      },
      response: { body: 1 },
    }),
    [/^spec\.parts\.a \| These parts wait for each other: "a" → "b" → "a"/],
  ],
  [
    'a circle of parts beside one whose name is taken',
    of('Aggregate', {
      parts: {
        a: { to: { url: 'http://a' }, path: '/${a.body}', hedge: { after: '1s' }, method: 'POST', tiemout: 1 },
        request: { to: { url: 'http://a' } },
      },
      response: { body: '${nope}' },
    }),
    [
      /^spec\.parts\.a \| The part "a" needs its own answer/,
      /^spec\.parts\.a\.hedge \| Only a part with a safe method/,
      /^spec\.parts\.request \| A part cannot be called "request"/,
      /^spec\.response\.body \| There is no variable/,
    ],
  ],
  [
    'routes that collide beside a target that is none',
    of('Api', {
      basePath: '/a',
      routes: [
        { match: { path: '/x/:id', method: ['GET', 'PUT'] }, to: 5 },
        { match: { path: '/x/:other', method: 'GET' }, timeout: 'soon', to: { url: 'http://a' } },
        { match: { path: '/x/:other', method: 'POST' }, to: { url: 'http://a' } },
      ],
    }),
    [
      /^spec\.routes\[0\]\.match\.path \| This route and \/a\/x\/:other of the Api "a"/,
      /^spec\.routes\[1\]\.match\.path \| /,
    ],
  ],
  [
    'features that collide beside a phase that is none',
    of('Strangler', {
      legacy: { url: 'http://a' },
      features: [
        { name: 'a', match: { path: '/x' }, to: { url: 'http://a' }, phase: 'gone' },
        { name: 'b', match: { path: '/x' }, to: { url: 'http://a' } },
      ],
    }),
    [/^spec\.features\[0\]\.match\.path \| /, /^spec\.features\[1\]\.match\.path \| /],
  ],
  [
    'nothing of routes that a mistaken condition may tell apart',
    of('Api', {
      routes: [
        { match: { path: '/x', headers: { a: { exat: 'b' } } }, to: { url: 'http://a' } },
        { match: { path: '/x' }, to: { url: 'http://a' } },
      ],
    }),
    [],
  ],
  [
    'nothing of routes whose hosts may be others',
    of('Api', {
      hots: ['a.example'],
      routes: [
        { match: { path: '/x' }, to: { url: 'http://a' } },
        { match: { path: '/x' }, to: { url: 'http://b' } },
      ],
    }),
    [],
  ],
  [
    'events that come back beside a number that is too small',
    of('Subscription', { topic: 't', concurrency: 0, to: { url: 'http://a' }, reply: { topic: 't' } }),
    [
      /There is no Topic "t"/,
      /There is no Topic "t"/,
      /^spec\.reply\.topic \| Events of the Topic "t" are published to it again/,
    ],
  ],
  ['nothing of what a name that is none names', of('Subscription', { topic: 'No Name', to: { url: 'http://a' } }), []],
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

describe('a resource with a mistake', () => {
  for (const [name, document, expected] of drafts) {
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

  it('collides with routes and names of others, and goes round with them', () => {
    const named = (name: string, document: object) => ({ ...document, metadata: { name } });
    const routes = [{ match: { path: '/x' }, to: { url: 'http://a' } }];
    const apis = [named('a', of('Api', { routes })), named('b', of('Api', { routes, accessLog: 5 }))];
    assert.deepEqual(
      told(between(...apis)).map(one => one.replace(/ \|.*of the (Api "."?).*/, ' $1')),
      ['spec.routes[0].match.path Api "b"', 'spec.routes[0].match.path Api "a"'],
    );
    const calls = (name: string, other: string, more: object) =>
      named(name, of('Aggregate', { parts: { p: { to: { aggregate: other } } }, response: { body: 1 }, ...more }));
    const circle = told(between(calls('a', 'b', {}), calls('b', 'a', { bogus: 1 })));
    assert.deepEqual(circle, ['spec.parts.p.to | These Aggregates call each other without end: "a" → "b" → "a".']);
    const twice = load(named('a', of('Topic', {})), named('a', of('Topic', { bogus: 1 })), named('a', of('Topic', 5)));
    const declared = twice.problems.filter(({ message }) => / is declared in /.test(message));
    assert.equal(declared.length, 4, told(twice.problems).join('\n'));
    assert.equal(twice.resources.all.length, 1);
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
