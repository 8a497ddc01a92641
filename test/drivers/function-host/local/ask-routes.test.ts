// One process tells the routes of several functions, as processes of their own would, and none of
// them keeps the others from it.
import assert from 'node:assert/strict';
import { basename, join } from 'node:path';
import { askRoutes } from '../../../../drivers/function-host/local/ask-routes.ts';
import { removeTempFolders, tempFolder } from '../../../cli/temp-folder.ts';
import { eventually } from '../../../eventually.ts';
import { createFakeWorld } from '../../../fakes/fake-world.ts';

const ROOT = join(import.meta.dirname, '../../../..');
const routes = (text: string) => `import { http } from 'tenfold';\nexport default http({ [${text}]: () => 1 });\n`;
/** Its route is how often a module that others import, too, was used. */
const counts = (module: string) => `import { next } from '${module}';\n${routes('`GET /${next()}`')}`;

/** By file, what the code is and what is to be answered. */
const FILES: readonly [name: string, code: string, answer: object][] = [
  ['menu.ts', routes("'GET /menu'"), { loads: true, routes: ['GET /menu'] }],
  ['plain.ts', 'export default () => 1;\n', { loads: true, routes: undefined }],
  [
    'prints.ts',
    `process.stdout.write('x'.repeat(1_000_000));\nprocess.send?.({ type: 'described', index: 0, loads: true });\n${routes("'GET /prints'")}`,
    { loads: true, routes: ['GET /prints'] },
  ],
  ['one.ts', counts('./counter.ts'), { loads: true, routes: ['GET /1'] }],
  ['two.ts', counts('./counter.ts'), { loads: true, routes: ['GET /1'] }],
  ['three.ts', counts('./counter.cjs'), { loads: true, routes: ['GET /1'] }],
  ['four.ts', counts('./counter.cjs'), { loads: true, routes: ['GET /1'] }],
  [
    'litters.ts',
    `process.env['LEFT'] = 'x';\ndelete process.env['TZ'];\nprocess.argv.push('x');\nprocess.chdir('/');\n${routes("'GET /litters'")}`,
    { loads: true, routes: ['GET /litters'] },
  ],
  [
    'place.ts',
    `import { basename } from 'node:path';\nconst { LEFT, TZ, TENFOLD_FUNCTION_NAME } = process.env;\n${routes(
      "['GET ', basename(process.cwd()), ...process.argv.slice(2).map(file => basename(file)), LEFT, TZ, TENFOLD_FUNCTION_NAME].join('/')",
    )}`,
    {},
  ],
  ['leaves.ts', 'process.exit(0);\n', { loads: undefined }],
  ['throws.ts', "throw new Error('no');\n", { loads: false, routes: undefined }],
  ['never.ts', 'await new Promise(() => {});\n', { loads: undefined }],
  ['after.ts', routes("'GET /after'"), { loads: true, routes: ['GET /after'] }],
  ['hangs.ts', 'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);\n', { loads: undefined }],
  ['last.ts', routes("'GET /last'"), { loads: true, routes: ['GET /last'] }],
];
const OTHERS = {
  'counter.ts': 'let used = 0;\nexport const next = () => ++used;\n',
  'counter.cjs': 'let used = 0;\nexports.next = () => ++used;\n',
};

describe('asking functions for their routes', () => {
  afterEach(removeTempFolders);

  it('is as with a process for each, whatever one of them does', async () => {
    const folder = tempFolder({ ...Object.fromEntries(FILES), ...OTHERS });
    const limits: (() => void)[] = [];
    const found = askRoutes(
      FILES.map(([name]) => ({
        ...{ name: basename(name, '.ts'), namespace: 'default', run: { by: 'source', file: join(folder, name) } },
        ...{ env: {}, health: undefined, concurrency: 1, minInstances: 0, maxInstances: 1 },
        ...{ timeoutMs: 1000, maxBodyBytes: 1000, idleMs: 1000 },
      })),
      {
        world: {
          ...createFakeWorld(),
          after(_, run) {
            limits.push(run);
            return { cancel() {} };
          },
        },
        runtime: { program: process.execPath, args: ['--conditions=tenfold-source', join(ROOT, 'runtime/main.ts')] },
        environment: { own: { ...process.env, TZ: 'UTC' }, passed: [], told: { TENFOLD_DESCRIBE: '1' } },
        flags: () => [],
        timeoutMs: 1000,
      },
    );
    // Each of three processes has one limit to start with, and another one after each answer.
    await eventually(() => limits.length === 3 + 11, 'hangs.ts is loaded');
    limits.at(-1)?.();
    const place = { loads: true, routes: [`GET /${basename(folder)}/place.ts//UTC/place`] };
    assert.deepEqual(
      await found,
      FILES.map(([name, , answer]) => (name === 'place.ts' ? place : answer)),
    );
  });
});
