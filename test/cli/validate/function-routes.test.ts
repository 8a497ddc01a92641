// `tenfold validate` knows the routes of Functions, from their code, and warns of calls that none
// of them takes; of nothing else.
import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadPaths } from '../../../cli/validate/load-paths.ts';
import { mayMeet, withoutExpressions } from '../../../cli/validate/routes/meeting-paths.ts';
import { routeProblems } from '../../../cli/validate/routes/route-problems.ts';
import { fakeTerminal } from '../../fakes/fake-terminal.ts';
import { runCli } from '../run-cli.ts';
import { removeTempFolders, tempFolder } from '../temp-folder.ts';

const head = (kind: string, name: string) =>
  `apiVersion: tenfold.dev/v1alpha1\nkind: ${kind}\nmetadata: { name: ${name} }\n`;
const fn = (name: string) => `${head('Function', name)}spec: { source: ./${name}.ts }\n`;
const all = (...documents: string[]) => documents.join('---\n');

const MENU = `import { http } from 'tenfold';
export default http({
  'GET /menu': () => 1,
  'POST /menu': () => 1,
  'GET /menu/:item': () => 1,
  '* /any/*rest': () => 1,
});
`;
const api = (routes: string, more = '') =>
  `${head('Api', 'shop')}spec:\n  basePath: /shop\n${more}  routes:\n${routes}`;

async function warnings(files: Readonly<Record<string, string>>, folder = tempFolder(files)): Promise<string[]> {
  const { resources, problems } = await loadPaths([folder], fakeTerminal({ cwd: folder }));
  assert.deepEqual(
    problems.filter(({ severity }) => severity === 'error'),
    [],
  );
  const found = await routeProblems(resources, [folder]);
  assert.ok(found.every(({ severity }) => severity === 'warning'));
  return found.map(({ path, message }) => `${path} ${message}`);
}

describe('paths of routes and of functions', () => {
  const rows: [given: string, answered: string, meets: boolean][] = [
    ['/', '/', true],
    ['/', '/:name', false],
    ['/', '/*rest', true],
    ['/orders', '/orders', true],
    ['/orders', '/Orders', false],
    ['/orders', '/orders/', false],
    ['/orders', '/:any', true],
    ['/orders/:id', '/orders/17', true],
    ['/orders/:id', '/orders/:id/items', false],
    ['/:id', '/*rest', true],
    ['/orders', '/orders/*rest', false],
    ['/orders/', '/orders/*rest', true],
    ['/orders/*', '/orders', false],
    ['/%', '/other', true],
    ['/orders/*', '/orders/:id/items', true],
    ['/orders/*', '/menu', false],
    ['/*', '/deep/down', true],
    ['/caf%C3%A9', '/café', true],
  ];
  for (const [given, answered, meets] of rows)
    it(`${given} ${meets ? 'may lead' : 'never leads'} to ${answered}`, () =>
      assert.equal(mayMeet(given, answered, false), meets));

  const templates: [template: string, answered: string, meets: boolean | undefined][] = [
    ['/menu/${params.id}?x=${query.x}', '/menu/:id', true],
    ['/menu/a-${params.id}', '/menu/b', true],
    ['/', '/:id', false],
    ['/menu/${params.id}', '/orders/:id', false],
    ['/${has(query.a) ? "x/y" : "z"}', '/:one', true],
    ['/${{"a": 1}.a}', '/:one', undefined],
  ];
  for (const [template, answered, meets] of templates)
    it(`${template} ${meets === undefined ? 'is not known' : meets ? 'may lead' : 'never leads'} to ${answered}`, () => {
      const path = withoutExpressions(template);
      assert.equal(path === undefined ? undefined : mayMeet(path, answered, false), meets);
    });
});

describe('validate, with the routes of Functions', () => {
  afterEach(removeTempFolders);

  it('warns with both places, the base path that is taken off, and the routes', async () => {
    const route = '    - match: { method: GET, path: /orders/:id }\n      to: { function: menu }\n';
    const cwd = tempFolder({ 'app.yaml': all(fn('menu'), api(route)), 'menu.ts': MENU });
    const { code, stdout, stderr } = await runCli(['validate'], { cwd });
    assert.equal(code, 0, stderr);
    assert.match(stdout, /app\.yaml:\d+:\d+ warning: The Function menu gets GET \/orders\/:id, and answers 404:/);
    assert.ok(
      stdout
        .replaceAll(/\s+/g, ' ')
        .includes(
          'in ./menu.ts its routes are GET /menu, POST /menu, GET /menu/:item, * /any/*rest. The base path /shop is taken off before the call.',
        ),
      stdout,
    );
    const unloaded = await runCli(['validate', '--strict', '--no-load'], { cwd });
    assert.deepEqual([unloaded.code, unloaded.stdout], [0, '']);
    assert.equal((await runCli(['validate', '--strict'], { cwd })).code, 1);
  });

  it('warns of a method that a path does not have, and of each target that has no route', async () => {
    const routes = [
      '    - match: { method: DELETE, path: /menu }\n      to: { function: menu }\n',
      '    - match: { path: /other }\n      to: [{ function: menu, weight: 1 }, { function: plain, weight: 1 }]\n',
      '    - match: { path: /old }\n      to: { function: menu }\n      request: { path: "/older/${request.method}" }\n',
    ].join('');
    const found = await warnings({
      'app.yaml': all(fn('menu'), fn('plain'), api(routes)),
      'menu.ts': MENU,
      'plain.ts': 'export default () => 1;\n',
    });
    assert.deepEqual(
      found.map(text => text.split(', and answers')[0]),
      [
        'spec.routes[0].match.path The Function menu gets DELETE /menu',
        'spec.routes[1].match.path The Function menu gets any method /other',
        'spec.routes[2].request.path The Function menu gets any method /older/${request.method}',
      ],
    );
    assert.match(found[0] ?? '', /answers 405/);
    assert.doesNotMatch(found[2] ?? '', /base path/);
  });

  it('warns of parts, features and deliveries that lead nowhere', async () => {
    const found = await warnings({
      'app.yaml': all(
        fn('menu'),
        `${head('Aggregate', 'page')}spec:\n  parts: { one: { to: { function: menu }, path: /one } }\n  response: { body: "\${one.body}" }\n`,
        `${head('Strangler', 'old')}spec:\n  basePath: /old\n  legacy: { url: "http://legacy.example" }\n  features:\n    - { name: menu, match: { path: /menu }, to: { function: menu } }\n`,
        `${head('Topic', 'orders')}spec: {}\n`,
        `${head('Subscription', 'menus')}spec: { topic: orders, to: { function: menu } }\n`,
      ),
      'menu.ts': MENU,
    });
    assert.deepEqual(found.map(text => text.split(', and answers')[0]).sort(), [
      'spec.features[0].match.path The Function menu gets any method /old/menu',
      'spec.parts.one.path The Function menu gets GET /one',
      'spec.to The Function menu gets POST /',
    ]);
  });

  it('warns of resolvers of GraphQL that lead nowhere', async () => {
    const resolvers = [
      'Query.menu: { to: { function: menu }, path: /menu }',
      'Query.item: { to: { function: menu }, path: "/items/${args.id}" }',
      'Mutation.drop: { to: { function: menu }, method: DELETE, path: /menu }',
    ];
    const found = await warnings({
      'app.yaml': all(
        fn('menu'),
        `${head('Api', 'shop')}spec: { graphql: { schema: ./shop.graphql, resolvers: { ${resolvers.join(', ')} } } }\n`,
      ),
      'menu.ts': MENU,
      'shop.graphql': 'type Query { menu: String, item(id: ID): String }\ntype Mutation { drop: String }\n',
    });
    assert.deepEqual(
      found.map(text => text.split(': in ')[0]),
      [
        'spec.graphql.resolvers["Query.item"].path The Function menu gets GET /items/${args.id}, and answers 404',
        'spec.graphql.resolvers["Mutation.drop"].path The Function menu gets DELETE /menu, and answers 405',
      ],
    );
  });

  it('warns of each Function that gets events, items, rows or answers, and has no route for them', async () => {
    const found = await warnings({
      'app.yaml': all(
        fn('menu'),
        fn('right'),
        `${head('Topic', 'orders')}spec: {}\n`,
        `${head('FanOut', 'print')}spec: { on: { topic: orders }, split: { function: menu }, worker: { function: menu }, gather: { function: menu } }\n`,
        `${head('FanOut', 'well')}spec: { on: { topic: orders }, split: { function: right }, worker: { function: right } }\n`,
        `${head('Pipeline', 'flow')}spec:
  from: { topic: orders }
  steps:
    - map: { function: menu }
    - branch: [{ steps: [{ flatMap: { function: menu } }], to: [{ function: menu }] }]
  to: [{ function: right }, { function: menu }]
`,
        `${head('View', 'sold')}spec: { from: [orders], project: { function: menu }, table: { key: "\${event.id}" } }\n`,
        `${head('Aggregate', 'page')}spec: { parts: { one: { to: { function: menu }, path: /menu } }, response: { function: menu } }\n`,
        `${head('Subscription', 'split')}spec: { topic: orders, to: [{ function: right, weight: 1 }, { function: menu, weight: 1 }] }\n`,
      ),
      'menu.ts': MENU,
      'right.ts': "import { http } from 'tenfold';\nexport default http({ 'POST /': () => 1 });\n",
    });
    assert.ok(found.every(text => text.includes(' The Function menu gets POST /, and answers 404: in ./menu.ts')));
    assert.deepEqual(found.map(text => text.split(' ')[0]).toSorted(), [
      'spec.gather',
      'spec.project',
      'spec.response',
      'spec.split',
      'spec.steps[0].map',
      'spec.steps[1].branch[0].steps[0].flatMap',
      'spec.steps[1].branch[0].to[0]',
      'spec.to[1]',
      'spec.to[1]',
      'spec.worker',
    ]);
  });

  it('says nothing of what it cannot know, and nothing of what may be right', async () => {
    const to = (name: string) => `    - match: { path: /${name} }\n      to: { function: ${name} }\n`;
    const names = ['plain', 'broken', 'throws', 'connects', 'writes', 'leaves', 'event'];
    const right = [
      '    - match: { method: [GET, DELETE], path: /menu }\n      to: { function: menu }\n',
      '    - match: { method: HEAD, path: /menu/:any }\n      to: { function: menu }\n',
      '    - match: { path: /any/* }\n      to: { function: menu }\n',
      '    - match: { path: /all/* }\n      to: { function: menu }\n      request: { path: "/any/all" }\n',
    ];
    const files = {
      'app.yaml': all(fn('menu'), ...names.map(fn), api([...names.map(to), ...right].join(''))),
      'menu.ts': MENU,
      'plain.ts': 'export default () => 1;\n',
      'broken.ts': 'export default {;\n',
      'throws.ts': `${MENU}throw new Error('no');\n`,
      'connects.ts': `import { connect } from 'node:net';\nconnect(1, '127.0.0.1');\n${MENU}`,
      'writes.ts': `import { writeFileSync } from 'node:fs';\nwriteFileSync('written', '');\n${MENU}`,
      'leaves.ts': `${MENU}process.exit(0);\n`,
      'event.ts': "import { event } from 'tenfold';\nexport default event(() => {});\n",
    };
    const folder = tempFolder(files);
    assert.deepEqual(await warnings(files, folder), []);
    assert.deepEqual(readdirSync(folder).sort(), Object.keys(files).sort());
  });

  it('has no warning for the applications of this repository', async () => {
    const samples = fileURLToPath(new URL('../../../functions/', import.meta.url));
    for (const name of readdirSync(samples)) {
      const folder = join(samples, name);
      if (!existsSync(join(folder, 'app.yaml'))) continue;
      const { resources } = await loadPaths([folder], fakeTerminal({ cwd: folder }));
      assert.deepEqual(await routeProblems(resources, [folder]), []);
    }
  });
});

describe('validate, with Functions that share a process', () => {
  afterEach(removeTempFolders);

  it('lets none change what is said of another one, and reads each in its folder', async () => {
    const to = (name: string) => `    - match: { path: /${name} }\n      to: { function: ${name} }\n`;
    const names = ['first', 'alone', 'changed', 'deep'];
    const source = (name: string, file: string) => `${head('Function', name)}spec: { source: ${file} }\n`;
    const found = await warnings({
      '.tenfold/state.json': '{}',
      'app.yaml': all(
        fn('first'),
        fn('alone'),
        fn('changed'),
        source('deep', './code/deep.ts'),
        api(names.map(to).join('')),
      ),
      'first.ts': 'globalThis.taken = true;\nexport default () => 1;\n',
      'alone.ts': `if (globalThis.taken) throw new Error('taken');\n${MENU}`,
      'changed.ts':
        "import { http } from 'tenfold';\nexport default http(globalThis.taken ? {} : { 'GET /changed': () => 1 });\n",
      'code/deep.ts':
        "import { basename } from 'node:path';\nimport { http } from 'tenfold';\nexport default http({ [`GET /${basename(process.cwd())}`]: () => 1 });\n",
    });
    assert.deepEqual(
      found.map(text => text.split(' its routes are ')),
      [
        [
          'spec.routes[1].match.path The Function alone gets any method /alone, and answers 404: in ./alone.ts',
          'GET /menu, POST /menu, GET /menu/:item, * /any/*rest. The base path /shop is taken off before the call.',
        ],
        [
          'spec.routes[3].match.path The Function deep gets any method /deep, and answers 404: in ./code/deep.ts',
          'GET /code. The base path /shop is taken off before the call.',
        ],
      ],
    );
  });
});
