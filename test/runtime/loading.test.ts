// Loading a function: what it may be and import, and what is said, with file, line and
// column, when it does not load.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { exitCodes } from '../../runtime/exit-codes.ts';
import { MAIN, type StartOptions, startProcess, stopProcesses, writeFiles } from './function-process.ts';

const PACKAGE = '{"name":"tenfold","version":"9.9.9","type":"module","exports":"./index.js"}';

const loads: Array<[name: string, files: Record<string, string | Uint8Array>, answer: string, options?: StartOptions]> =
  [
    ['a plain default export', { 'fn.ts': "export default (): string => 'plain';" }, 'plain'],
    ['JavaScript', { 'fn.mjs': "export default () => 'js';" }, 'js'],
    [
      'a compressed bundle, which imports the SDK',
      {
        'fn.mjs.gz': gzipSync(
          "import { http } from 'tenfold';\nexport default http((_, { functionName }) => functionName);",
        ),
      },
      'fn',
    ],
    ['CommonJS', { 'fn.cjs': "module.exports = () => 'cjs';" }, 'cjs'],
    [
      'CommonJS that was transpiled',
      { 'fn.cjs': "exports.__esModule = true; exports.default = () => 'transpiled';" },
      'transpiled',
    ],
    [
      'CommonJS that requires the SDK',
      { 'fn.cjs': "const { http } = require('tenfold'); module.exports = http(() => 'required');" },
      'required',
    ],
    [
      'a module that imports the SDK where none is installed',
      {
        'fn.ts':
          "import { http, problem } from 'tenfold';\nimport 'tenfold/testing';\nexport default http(() => typeof problem);",
      },
      'function',
    ],
    [
      'a module with its own copy of the SDK, which it keeps',
      {
        'fn.ts': "import { http } from 'tenfold';\nexport default http(() => 'own copy');",
        'node_modules/tenfold/package.json': PACKAGE,
        'node_modules/tenfold/index.js':
          "export const http = handler => ({ [Symbol.for('tenfold.definition')]: { kind: 'http', target: { handler: (q, c) => handler(q, c) + '!' } } });",
      },
      'own copy!',
    ],
    [
      'a module in a path with spaces and other characters',
      {
        'a folder/é%20#/fn.ts': "import { x } from './x.ts';\nexport default () => x;",
        'a folder/é%20#/x.ts': "export const x: string = 'odd';",
      },
      'odd',
    ],
    [
      'a module with npm packages of its own folder',
      {
        'functions/fn.ts': "import { words } from 'words';\nexport default (): string => words;",
        'functions/node_modules/words/package.json':
          '{"name":"words","type":"module","exports":{".":"./lib/index.js"},"version":"1.0.0"}',
        'functions/node_modules/words/lib/index.js': "export const words = 'from the package';",
        'node_modules/words/package.json': '{"name":"words","type":"module","exports":"./index.js"}',
        'node_modules/words/index.js': "export const words = 'from another folder';",
      },
      'from the package',
    ],
    [
      'a module that awaits while it loads',
      { 'fn.ts': "const x = await Promise.resolve('awaited');\nexport default () => x;" },
      'awaited',
    ],
  ];

interface Failure {
  readonly file: string;
  readonly line?: number;
  readonly column?: number;
  readonly message: RegExp;
  readonly marked?: string;
}

const fails: Array<[name: string, files: Record<string, string>, failure: Failure]> = [
  [
    'a syntax error in TypeScript',
    { 'fn.ts': 'const x: number = 1;\nconst y = {;\nexport default () => x;\n' },
    { file: 'fn.ts', line: 2, column: 12, message: /Unexpected token/, marked: 'const y = {;' },
  ],
  [
    'a syntax error that only the compiler behind it finds',
    { 'fn.ts': 'const a: number = 1;\nlet a = 2;\nexport default () => a;\n' },
    { file: 'fn.ts', line: 2, column: 5, message: /already been declared/, marked: 'let a = 2;' },
  ],
  [
    'a syntax error in JavaScript',
    { 'fn.mjs': 'export default () => {\n  return 1 +;\n};\n' },
    { file: 'fn.mjs', line: 2, column: 13, message: /Unexpected token/, marked: 'return 1 +;' },
  ],
  [
    'a syntax error in CommonJS',
    { 'fn.cjs': 'module.exports = () => {\n  return 1 +;\n};\n' },
    { file: 'fn.cjs', line: 2, column: 13, message: /Unexpected token/, marked: 'return 1 +;' },
  ],
  [
    'TypeScript that cannot be stripped, in a file it imports',
    {
      'fn.ts': "import { Size } from './size.ts';\nexport default () => Size.S;\n",
      'size.ts': '\nexport enum Size { S }\n',
    },
    { file: 'size.ts', line: 2, column: 8, message: /enum is not supported/, marked: 'export enum Size { S }' },
  ],
  [
    'a package that is not installed',
    { 'fn.ts': "import { http } from 'tenfold';\nimport dayjs from 'dayjs';\nexport default http(() => dayjs());\n" },
    {
      file: 'fn.ts',
      line: 2,
      column: 20,
      message: /package "dayjs", which is not installed: run npm install dayjs/,
      marked: 'dayjs',
    },
  ],
  [
    'a file that does not exist',
    { 'fn.ts': "import { x } from './lib/nope.ts';\nexport default () => x;\n" },
    { file: 'fn.ts', line: 1, column: 26, message: /nope\.ts, which does not exist/, marked: './lib/nope.ts' },
  ],
  [
    'a name that a file does not export',
    { 'fn.ts': "import { y } from './x.ts';\nexport default () => y;\n", 'x.ts': 'export const x = 1;\n' },
    { file: 'fn.ts', line: 1, column: 10, message: /does not provide an export named 'y'/, marked: 'import { y }' },
  ],
  [
    'an error thrown while it loads',
    { 'fn.ts': 'const config: any = undefined;\nexport default () => 1;\nconfig.key.toString();\n' },
    { file: 'fn.ts', line: 3, column: 8, message: /Cannot read properties of undefined/, marked: 'config.key' },
  ],
  [
    'no default export',
    { 'fn.ts': 'export const handler = () => 1;\n' },
    { file: 'fn.ts', message: /has no default export: write export default http/ },
  ],
  [
    'a default export that is no function',
    { 'fn.ts': 'export default 42;\n' },
    { file: 'fn.ts', message: /a default of type number/ },
  ],
  [
    'a route that is not valid',
    { 'fn.ts': "import { http } from 'tenfold';\n\nexport default http({ 'orders': () => 1 });\n" },
    { file: 'fn.ts', line: 3, column: 16, message: /write a method and a path/, marked: 'export default http' },
  ],
  [
    'something thrown that is no error',
    { 'fn.ts': "throw 'words';\n" },
    { file: 'fn.ts', message: /no error was thrown: words/ },
  ],
];

describe('a function', () => {
  afterEach(stopProcesses);

  for (const [name, files, answer, options] of loads) {
    it(`may be ${name}`, async () => {
      const url = await startProcess(files, options).ready();
      assert.equal(await (await fetch(url)).text(), answer);
    });
  }

  it('keeps the SDK’s errors and replies across copies', async () => {
    const url = await startProcess({
      'fn.ts':
        "import { http, problem } from 'tenfold';\nexport default http(() => { throw problem(418, { detail: 'tea' }); });",
    }).ready();
    assert.equal((await fetch(url)).status, 418);
  });
  for (const [name, files, expected] of fails) {
    it(`does not load for ${name}: its host is told where`, async () => {
      const started = startProcess(files);
      assert.equal(await started.ended, exitCodes.loadFailed);
      const message = started.messages.at(-1);
      assert.ok(message?.type === 'failed');
      const { error } = message;
      assert.match(error.message, expected.message);
      assert.deepEqual(
        [error.file, error.line, error.column],
        [join(started.folder, expected.file), expected.line, expected.column],
      );
      const marked = error.frame?.split('\n').find(row => row.startsWith('>'));
      assert.equal(marked?.includes(expected.marked ?? ''), expected.line === undefined ? undefined : true);
      for (const file of error.files) assert.ok(file.startsWith(started.folder), file);
      assert.ok(error.files.includes(join(started.folder, expected.file)));
      assert.deepEqual(started.lines, [], 'the host shows it; a line more would say it twice');
    });
  }

  it('says in its log why it does not load when nobody started it who would', () => {
    const folder = writeFiles({ 'fn.ts': 'export default 1 +;' });
    const { status, stdout } = spawnSync(process.execPath, [MAIN, join(folder, 'fn.ts')], {
      env: { PATH: process.env['PATH'], PORT: '0', TENFOLD_HOST: '127.0.0.1' },
      encoding: 'utf8',
    });
    assert.equal(status, exitCodes.loadFailed);
    assert.partialDeepStrictEqual(JSON.parse(stdout.trim()), {
      level: 'error',
      message: 'the function does not load',
      failure: { file: join(folder, 'fn.ts') },
    });
  });

  it('does not load when its module is not there', async () => {
    const started = startProcess({ 'other.ts': '' }, { entry: 'fn.ts' });
    assert.equal(await started.ended, exitCodes.loadFailed);
    const message = started.messages.at(-1);
    assert.ok(message?.type === 'failed');
    assert.equal(message.error.message, `The function's module ${join(started.folder, 'fn.ts')} does not exist.`);
  });
});
