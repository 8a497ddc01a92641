// `tenfold get --watch`: the table, then a line for each change, also over a restart of the
// platform, and an end where the right to look is gone.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createCaller } from '../../../admin/access/caller.ts';
import { createAdminServer } from '../../../admin/admin-server.ts';
import { createLive } from '../../../admin/live/live.ts';
import { watchResources } from '../../../cli/get/watch.ts';
import { createAdminClient } from '../../../cli/platform/admin-client.ts';
import { realWorld } from '../../../core/world.ts';
import type { FunctionStatus } from '../../../drivers/function-host/function-host.ts';
import { eventually } from '../../eventually.ts';
import { fakeTerminal } from '../../fakes/fake-terminal.ts';
import { fakeResource, fakeView } from '../../fakes/platform-view.ts';
import { runCli } from '../run-cli.ts';

const menu: FunctionStatus = {
  ...{ namespace: 'shop', name: 'menu', state: 'available' },
  ...{ instances: 1, inFlight: 0, waiting: 0, restarts: 0 },
};

describe('get --watch', () => {
  const servers = new Set<{ readonly server: Server; readonly live: { close(): void } }>();
  let state: FunctionStatus['state'];
  let names: readonly string[];
  let mayView: boolean;
  beforeEach(() => {
    [state, names, mayView] = ['available', ['menu'], true];
  });
  const stop = () => {
    for (const { server, live } of servers) {
      live.close();
      server.closeAllConnections();
      server.close();
    }
    servers.clear();
  };
  afterEach(stop);

  const start = async (since?: string) => {
    const view = fakeView({
      since: () => since,
      functions: () => names.map(name => ({ ...menu, name, state })),
    });
    const whole = {
      ...view,
      catalog: {
        ...view.catalog,
        get current() {
          const all = names.map(name => fakeResource('Function', name, { namespace: 'shop' }));
          return (
            view.catalog.current && { ...view.catalog.current, resources: { ...view.catalog.current.resources, all } }
          );
        },
      },
    };
    const live = createLive(whole, realWorld, error => {
      throw error;
    });
    const byTest = {
      takes: 'the token of the test',
      identify: ({ token }: { readonly token: string | undefined }) =>
        token === 'team' && mayView ? createCaller('team', [{ role: 'viewer' as const }]) : undefined,
    };
    const server = createAdminServer(whole, { token: 'x'.repeat(20), authenticators: [byTest], live });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    servers.add({ server, live });
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  };
  const begin = (address: () => Promise<string>, format: 'table' | 'json' | 'name' = 'table') => {
    const terminal = fakeTerminal();
    const ended = new AbortController();
    const connect = async () => createAdminClient({ admin: await address(), token: 'team' });
    const request = { kind: 'functions', name: undefined, namespace: undefined, format };
    const result = watchResources(request, connect, terminal, ended.signal);
    return { terminal, result, end: () => ended.abort(new Error('Ctrl-C')) };
  };
  const lines = ({ stdout }: { readonly stdout: string }) => stdout.trimEnd().split('\n');

  it('prints the table, then a line for each change and for what is gone', async () => {
    const { terminal, result, end } = begin(start);
    await eventually(() => lines(terminal).length === 2, 'the table');
    assert.match(lines(terminal)[0] ?? '', /^NAMESPACE +KIND +NAME +ACCEPTED +READY/);
    state = 'unavailable';
    await eventually(() => lines(terminal).length === 3, 'a change');
    assert.match(lines(terminal)[2] ?? '', /^shop +Function +menu +True +False +False +Unavailable/);
    names = [];
    await eventually(() => lines(terminal).length === 4, 'that it is gone');
    assert.match(lines(terminal)[3] ?? '', /menu .* Gone +There is no such resource any more\.$/);
    end();
    await result;
  });

  it('prints a JSON document for each', async () => {
    const { terminal, result, end } = begin(start, 'json');
    await eventually(() => terminal.stdout !== '', 'the first');
    state = 'asleep';
    await eventually(() => lines(terminal).length === 2, 'a change');
    const told = lines(terminal).map(line => JSON.parse(line));
    assert.deepEqual(
      told.map(({ event, name }) => `${event} ${name}`),
      ['changed menu', 'changed menu'],
    );
    end();
    await result;
  });

  it('goes on when the platform has started anew, and prints only what differs', async () => {
    let address = start();
    const { terminal, result, end } = begin(() => address);
    await eventually(() => lines(terminal).length === 2, 'the table');
    names = ['menu', 'prices'];
    stop();
    address = start();
    await eventually(() => /prices/.test(terminal.stdout), 'what is new');
    assert.equal(lines(terminal).length, 3);
    assert.match(terminal.stderr, /shutting down.*Trying again\./);
    end();
    await result;
  });

  it('prints nothing twice when another process answers, which has all in force since another time', async () => {
    let address = start('2026-12-01T08:00:00.000Z');
    const { terminal, result, end } = begin(() => address, 'json');
    await eventually(() => terminal.stdout !== '', 'the state');
    stop();
    address = start('2026-12-01T08:00:01.000Z');
    await eventually(() => /Trying again\./.test(terminal.stderr), 'that it broke off');
    // The first line after the break is of a later change.
    names = ['menu', 'prices'];
    await eventually(() => /prices/.test(terminal.stdout), 'what is new');
    assert.deepEqual(
      lines(terminal).map(line => JSON.parse(line).name),
      ['menu', 'prices'],
    );
    end();
    await result;
  });

  it('ends when the right was taken back', async () => {
    const { terminal, result } = begin(start);
    await eventually(() => lines(terminal).length === 2, 'the table');
    mayView = false;
    await assert.rejects(result, /credentials of this request are accepted no longer/);
  });

  for (const [words, says] of [
    [['routes', '--watch'], /--watch follows resources, and no routes\./],
    [['--watch', '-o', 'yaml'], /-o yaml does not go with --watch/],
  ] as const) {
    it(`is refused as "get ${words.join(' ')}"`, async () => {
      const { code, stderr } = await runCli(['get', ...words, '--admin', 'http://127.0.0.1:1', '--token', 'x']);
      assert.equal(code, 2);
      assert.match(stderr, says);
    });
  }
});
