// A thrown error as its developer reads it: the source lines, and the way there without the
// platform's own.
import assert from 'node:assert/strict';
import { pathToFileURL } from 'node:url';
import { errorText } from '../../../cli/dev/error-text.ts';
import { createStyle } from '../../../cli/style.ts';
import { packageFile } from '../../../server/package-file.ts';
import { endApplications, startApplication } from '../application.ts';
import { removeTempFolders, tempFolder } from '../temp-folder.ts';
import { until } from '../until.ts';

const SOURCE = "import { http } from 'tenfold';\nfunction price() {\n  throw new TypeError('no price');\n}\n";
const own = (line: number) => `${pathToFileURL('/apps/my shop/menu.ts')}:${line}:9`;
const platform = pathToFileURL(packageFile('runtime/handle.ts'));

function show(stack: string, read: (file: string) => string | undefined = () => SOURCE): string[] {
  const options = { style: createStyle(false), directory: '/apps/my shop', cwd: '/apps', read };
  return errorText(stack, options).split('\n');
}

describe('dev, text of a thrown error', () => {
  it('has the lines of its source, and folds what is of the platform', () => {
    const stack = [
      'TypeError: no price',
      `    at price (${own(3)})`,
      `    at ${own(9)}`,
      '    at pricing (/apps/my shop/node_modules/prices/index.js:1:2)',
      `    at runHttp (${platform}:20:5)`,
      '    at process.processTicksAndRejections (node:internal/process/task_queues:104:5)',
    ].join('\n');
    assert.deepEqual(show(stack), [
      'my shop/menu.ts:3:9 error: TypeError: no price',
      '  2 | function price() {',
      "> 3 |   throw new TypeError('no price');",
      '    |         ^',
      '  4 | }',
      '    at price (my shop/menu.ts:3:9)',
      '    at my shop/menu.ts:9:9',
      '    at pricing (my shop/node_modules/prices/index.js:1:2)',
      '    … 2 frames of Tenfold and Node.js',
    ]);
  });

  it('reads no file outside the application', () => {
    const read = () => assert.fail('It was read.');
    assert.deepEqual(show('Error: x\n    at f (/etc/secret.txt:1:1)', read), [
      'Error: x',
      '    at f (/etc/secret.txt:1:1)',
    ]);
    for (const path of ['/apps/my shop/../../etc/secret.txt', 'file:///apps/my%20shop/%2e%2e/../etc/secret.txt'])
      assert.equal(show(`Error: x\n    at f (${path}:1:1)`, read)[0], 'Error: x');
  });

  it('looks for no place in a line that is too long for a frame', () => {
    const line = `    at f (${'/apps/my shop/ '.repeat(100)}menu.ts:1:1)`;
    assert.deepEqual(
      show(`Error: x\n${line}`, () => assert.fail('It was read.')),
      ['Error: x', line],
    );
  });

  it('shows a stack that it cannot read as it is, without what a terminal obeys', () => {
    assert.deepEqual(show('Error: a\u001b[2J\n    at x\n    at y (file://%zz/q.ts:1:1)').slice(1), [
      '    at x',
      '    at y (file://%zz/q.ts:1:1)',
    ]);
    assert.doesNotMatch(show('Error: a\u001b[2J').join(), /\u001b/);
    assert.deepEqual(show('Error: nothing else'), ['Error: nothing else']);
  });

  it('keeps the place where the file has gone', () => {
    assert.deepEqual(show(`Error: no price\n    at ${own(3)}`, () => undefined).slice(0, 2), [
      'my shop/menu.ts:3:9 error: no price',
      '    at my shop/menu.ts:3:9',
    ]);
  });
});

describe('dev, a function that throws', () => {
  afterEach(() => {
    endApplications();
    removeTempFolders();
  });

  const APP = `apiVersion: tenfold.dev/v1alpha1
kind: Function
metadata: { name: menu }
spec: { source: ./menu.ts }
---
apiVersion: tenfold.dev/v1alpha1
kind: Api
metadata: { name: shop }
spec:
  basePath: /shop
  routes:
    - { match: { path: /* }, to: { function: menu } }
`;
  const MENU = `import { http } from 'tenfold';
export default http({
  'GET /menu': () => {
    throw new Error('no price');
  },
  'POST /orders': () => undefined,
});
`;

  it('is told once, with its lines and the request', async () => {
    const folder = tempFolder({ 'app.yaml': APP, 'menu.ts': MENU });
    const { url, stdout } = await startApplication(['dev', folder], folder, /public +(http:\/\/\S+)/);
    assert.equal((await fetch(`${url}/shop/menu?secret=1`)).status, 500);
    await until('the frame is shown', () => stdout().includes("> 4 |     throw new Error('no price');"));
    await until('the platform is folded', () => /… \d+ frames? of Tenfold and Node\.js/.test(stdout()));
    assert.match(
      stdout(),
      /error the handler failed {2}request="GET \/menu" trace=\w+\n.*menu\.ts:4:11 error: no price/,
    );
    assert.equal(stdout().split('no price').length - 1, 2, 'once in the head, once in the source line');
  });

  it('names its routes and the base path to a developer, and to nobody else', async () => {
    const folder = tempFolder({ 'app.yaml': APP, 'menu.ts': MENU });
    const ask = async (command: string, address: RegExp) => {
      const { url, end } = await startApplication([command, folder], folder, address);
      const response = await fetch(`${url}/shop/menus`);
      const { detail } = (await response.json()) as { detail: string };
      assert.equal(response.status, 404);
      await end('SIGINT');
      return detail;
    };
    const plain = 'This function has no route for /menus.';
    assert.equal(
      await ask('dev', /public +(http:\/\/\S+)/),
      `${plain} Its routes are GET /menu, POST /orders. The base path /shop was taken off /shop/menus before the call.`,
    );
    assert.equal(await ask('serve', /"public":"(http:[^"]+)"/), plain);
  });
});
