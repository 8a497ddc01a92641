// What `tenfold dev` prints for each thing that happens.
import assert from 'node:assert/strict';
import type { RouteView } from '../../../admin/route-view.ts';
import type { Reporter } from '../../../cli/application/run-application.ts';
import { createLineWriter } from '../../../cli/dev/line-writer.ts';
import { createPrettyReporter, type PrettyOptions } from '../../../cli/dev/pretty-reporter.ts';
import { routesText } from '../../../cli/dev/routes-text.ts';
import { createStyle } from '../../../cli/style.ts';
import type { Snapshot } from '../../../resources/catalog/catalog.ts';
import type { Platform } from '../../../server/platform.ts';
import { type FakeTerminal, fakeTerminal } from '../../fakes/fake-terminal.ts';
import { fakeProblem, fakeView } from '../../fakes/platform-view.ts';
import { removeTempFolders, tempFolder } from '../temp-folder.ts';

const AT = new Date(2026, 0, 2, 3, 4, 5);
const route: RouteView = {
  kind: 'Api',
  namespace: 'default',
  name: 'shop',
  methods: ['GET'],
  host: undefined,
  path: '/shop',
  conditions: [],
  target: 'function orders',
  listeners: ['public'],
};
const ADDRESSES = { public: 'http://127.0.0.1:8080', listeners: { green: 'http://127.0.0.1:8443' } };
const call = { namespace: 'default', name: 'orders' };

function create(
  options: Partial<PrettyOptions> = {},
  terminal: FakeTerminal = fakeTerminal({ cwd: '/apps' }),
): { reporter: Reporter; lines: () => string[] } {
  const reporter = createPrettyReporter(
    { directory: '/apps/shop', logLevel: 'debug', ...options },
    createLineWriter(terminal, () => AT),
    terminal,
  );
  return { reporter, lines: () => terminal.stdout.trimEnd().split('\n') };
}

function platform(routes: RouteView[], serving = true): Platform {
  const view = fakeView({
    routes: () => routes,
    ...(serving ? {} : { catalog: { current: undefined, problems: [] } }),
  });
  const openConsole = () => 'http://127.0.0.1:9090/console/#code=once';
  return { addresses: view.addresses(), adminToken: 'x', view, openConsole, close: async () => {} };
}

const snapshot = (warnings: Snapshot['warnings'] = []) => ({ generation: 1, warnings }) as Snapshot;

const requests = [
  { status: 200, durationMs: 3.14, target: 'function orders', line: 'GET /shop 200 3.1 ms → function orders' },
  { status: 503, durationMs: 1234.5, target: 'function orders', line: 'GET /shop 503 1235 ms → function orders' },
  { status: 404, durationMs: 0.2, target: undefined, line: 'GET /shop 404 0.2 ms no route' },
  {
    status: 502,
    durationMs: 5.1,
    target: 'url api.example',
    reason: 'upstream.refused' as const,
    cause: 'Url api.example refuses connections.',
    line: 'GET /shop 502 5.1 ms → url api.example upstream.refused: Url api.example refuses connections.',
  },
];

describe('dev, printed lines of the log', () => {
  it('a log line has its level, message and fields', () => {
    const { reporter, lines } = create();
    reporter.events.functionLog?.({
      ...call,
      stream: 'stdout',
      text: JSON.stringify({ level: 'warn', message: 'slow', time: AT.toISOString(), ms: 5 }),
    });
    assert.deepEqual(lines(), ['03:04:05 orders    | warn  slow  ms=5']);
  });

  it('a log line below the level is left out, a raw line never', () => {
    const { reporter, lines } = create({ logLevel: 'warn' });
    reporter.events.functionLog?.({ ...call, stream: 'stdout', text: '{"level":"info","message":"fine"}' });
    reporter.events.functionLog?.({ ...call, stream: 'stderr', text: 'raw' });
    assert.deepEqual(lines(), ['03:04:05 orders    | raw']);
  });

  it('lines after the first stand below it', () => {
    const { reporter, lines } = create();
    reporter.events.functionLog?.({
      ...call,
      stream: 'stdout',
      text: JSON.stringify({ level: 'error', message: 'failed', error: { stack: 'Error: no\n    at x' } }),
    });
    assert.deepEqual(lines(), [
      '03:04:05 orders    | error failed',
      '                   | Error: no',
      '                   |     at x',
    ]);
  });

  it('the column of names grows with them, up to a limit', () => {
    const { reporter, lines } = create();
    for (const name of ['menu', 'recommendations', 'x'.repeat(63), 'menu'])
      reporter.events.functionLog?.({ ...call, name, stream: 'stdout', text: 'hi' });
    assert.deepEqual(lines(), [
      '03:04:05 menu      | hi',
      '03:04:05 recommendations | hi',
      `03:04:05 ${'x'.repeat(23)}… | hi`,
      '03:04:05 menu                     | hi',
    ]);
  });
  for (const { line, ...entry } of requests) {
    it(`a request is ${line}`, () => {
      const { reporter, lines } = create();
      reporter.events.request?.({
        level: 'info',
        listener: 'public',
        method: 'GET',
        path: '/shop',
        trace: 'x',
        ...entry,
      });
      assert.deepEqual(lines(), [`03:04:05 gateway   | ${line}`]);
    });
  }
});

describe('dev, printed lines about changes', () => {
  it('the start shows the addresses and the routes', () => {
    const { reporter, lines } = create();
    reporter.events.accepted?.(snapshot(), true);
    reporter.started(platform([route]));
    assert.match(lines()[0] ?? '', /Tenfold \S+ runs \/apps\/shop; Ctrl-C stops it$/);
    assert.equal(lines().at(-1), '03:04:05 gateway   | GET  http://127.0.0.1:8080/shop  → function orders');
    assert.match(lines()[4] ?? '', /console {3}http:\/\/127\.0\.0\.1:9090\/console\/#code=once$/);
    assert.match(lines()[5] ?? '', /docs {6}http:\/\/\S+\/docs\/$/);
    assert.equal(lines().length, 7);
  });

  it('a start without valid resources says what it waits for', () => {
    const { reporter, lines } = create();
    reporter.started(platform([], false));
    assert.match(lines().at(-1) ?? '', /nothing serves yet; waiting for the resource files to become valid/);
  });

  it('a change shows the routes only when they have changed', () => {
    const { reporter, lines } = create();
    const routes = [route];
    reporter.started(platform(routes));
    reporter.events.accepted?.(snapshot(), true);
    assert.equal(lines().at(-1), '03:04:05 resources | the change is live');
    reporter.events.accepted?.(snapshot(), false);
    assert.equal(lines().at(-1), '03:04:05 resources | the change is live; its consumers are still starting');
    routes.push({ ...route, path: '/new' });
    const running = platform([...routes]);
    reporter.started(running);
    reporter.events.accepted?.(snapshot([fakeProblem({ severity: 'warning' })]), true);
    assert.ok(lines().some(line => line.includes('1 warning')));
  });

  it('a refused change shows its problems with the lines of the file', () => {
    const folder = tempFolder({ 'app.yaml': 'a: 1\nb: 2\nc: 3\n' });
    const terminal = fakeTerminal({ cwd: folder });
    const { reporter, lines } = create({ directory: folder }, terminal);
    reporter.started(platform([route]));
    const before = lines().length;
    reporter.events.refused?.([fakeProblem({ file: `${folder}/app.yaml`, line: 2, column: 4, path: 'b' })]);
    removeTempFolders();
    assert.deepEqual(
      lines()
        .slice(before)
        .map(line => line.slice(19)),
      [
        '| 1 error',
        '| app.yaml:2:4 error: This is wrong.',
        '|   at b',
        '|   1 | a: 1',
        '| > 2 | b: 2',
        '|     |    ^',
        '|   3 | c: 3',
        '| the change is not live; the version before it keeps serving',
      ],
    );
  });

  it('a function that does not start says what it answers meanwhile', () => {
    const { reporter, lines } = create();
    reporter.events.functionFailed?.({ ...call, message: 'no default export', stillServing: false });
    assert.deepEqual(lines(), [
      '03:04:05 orders    | error: no default export',
      '                   | It answers 503 until this is fixed; saving the file tries again.',
    ]);
  });

  it('a reload names the file and how long it took', () => {
    const { reporter, lines } = create();
    reporter.events.functionReloaded?.({ ...call, file: '/apps/shop/lib/tax.ts', tookMs: 84.4 });
    assert.deepEqual(lines(), ['03:04:05 orders    | reloaded in 84 ms (lib/tax.ts)']);
  });

  it('the end says whether a second Ctrl-C helps', () => {
    const { reporter, lines } = create();
    reporter.stopping('SIGINT');
    reporter.stopping('SIGTERM');
    reporter.stopped();
    assert.deepEqual(
      lines().map(line => line.slice(21)),
      [
        'stopping: requests in flight may finish (Ctrl-C again ends at once)',
        'stopping: requests in flight may finish',
        'stopped',
      ],
    );
  });

  it('a function that is ended while it starts, since all of it stops, is no mistake', () => {
    const { reporter, lines } = create();
    reporter.stopping('SIGINT');
    reporter.events.functionFailed?.({ ...call, message: 'the process ended', stillServing: true });
    reporter.stopped();
    assert.deepEqual(
      lines().map(line => line.slice(21).split(':')[0]),
      ['stopping', 'stopped'],
    );
  });

  it('paths of clients cannot steer the terminal', () => {
    const { reporter, lines } = create({}, fakeTerminal({ colours: true }));
    reporter.events.request?.({
      level: 'info',
      listener: 'public',
      method: 'GET',
      path: '/\u001b[2J\r\nfake',
      status: 404,
      durationMs: 1,
      target: undefined,
      trace: 'x',
    });
    assert.equal(lines().length, 1);
    assert.ok(!lines()[0]?.includes('\u001b[2J'));
  });

  it('a name has the same colour in every run', () => {
    const paint = () => {
      const { reporter, lines } = create({}, fakeTerminal({ colours: true }));
      reporter.events.functionLog?.({ ...call, stream: 'stdout', text: 'hi' });
      return /(\u001b\[3\dm)orders/.exec(lines()[0] ?? '')?.[1];
    };
    assert.ok(paint());
    assert.equal(paint(), paint());
  });
});

describe('dev, routes', () => {
  const style = createStyle(false);

  it('are aligned, with the host that they answer for', () => {
    const routes = [
      route,
      { ...route, methods: [], host: 'shop.example', path: '/*', target: 'url https://legacy.example' },
    ];
    assert.deepEqual(routesText(routes, ADDRESSES, style), [
      'GET  http://127.0.0.1:8080/shop  → function orders',
      'ANY  http://shop.example:8080/*  → url https://legacy.example',
    ]);
  });

  it('say what else a request must have', () => {
    const versioned = { ...route, conditions: ['version is v2', 'cookie beta is present'] };
    assert.deepEqual(routesText([versioned], ADDRESSES, style), [
      'GET  http://127.0.0.1:8080/shop  → function orders, when version is v2, cookie beta is present',
    ]);
  });

  it('say so when there are none', () => {
    assert.match(routesText([], ADDRESSES, style).join(), /no routes: nothing is reachable from outside/);
  });
});
