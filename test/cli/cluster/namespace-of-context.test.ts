// Commands at the platform of a cluster take the namespace of the kubeconfig's context where none
// is named, as kubectl does; -A is for all of them.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { noEvents } from '../../../admin/no-events.ts';
import { createProgram } from '../../../cli/program.ts';
import { run } from '../../../cli/run.ts';
import type { Terminal } from '../../../cli/terminal.ts';
import { type AnnouncedAdmin, announceAdmin } from '../../fakes/admin-server.ts';
import { fakeConsumer } from '../../fakes/consumer-report.ts';
import { startFakeCluster } from '../../fakes/fake-cluster.ts';
import { createFakeOperations } from '../../fakes/fake-operations.ts';
import { fakeTerminal } from '../../fakes/fake-terminal.ts';
import { fakeView } from '../../fakes/platform-view.ts';
import { removeTempFolders, tempFolder } from '../temp-folder.ts';

const ROWS: readonly (readonly string[])[] = [
  ['get'],
  ['get', 'topics'],
  ['get', '--wait'],
  ['get', '--watch'],
  ['graph'],
  ['export', 'asyncapi', '--running'],
  ['audit'],
  ['topics', 'peek', 'orders'],
  ['topics', 'tail', 'orders'],
  ['story', 'e7'],
  ['story', '0-17'],
  ['story', '0-17', '--topic', 'orders'],
  ['sql'],
  ['get', 'subscriptions'],
  ['subscriptions', 'list'],
  ['top', '--once', '--interval', '1ms'],
  ['dead', 'list'],
  ['dead', 'list', 'wall'],
  ['dead', 'groups', 'wall'],
  ['parked', 'list'],
  ['operations', 'list'],
  ['jobs', 'list'],
  ['fanouts', 'list'],
  ['views', 'list'],
  ['diagnose'],
  ['cache', 'purge', '--all'],
  ['aggregate', 'invoice'],
  ['strangler', 'show'],
  ['schedules', 'list'],
];

/** One function or topic that is called on this machine, where there is no context. */
const CALLS: readonly string[] = ['invoke', 'publish'];
/** The whole list is read, and shown in part. */
const READ_WHOLE: readonly string[] = ['routes'];

function namespaceOf({ pathname, searchParams }: URL): string {
  const [, namespace] = /^\/(?:topics|stories|aggregates)\/([^/]+)\//.exec(pathname) ?? [];
  return namespace ?? searchParams.get('namespace') ?? 'all';
}

describe('the namespace of the context', () => {
  let admin: AnnouncedAdmin;
  let cluster: Awaited<ReturnType<typeof startFakeCluster>>;
  let kubeconfig: string;
  let urls: string[];

  before(async () => {
    const consumers = ['shop', 'other'].map(namespace => fakeConsumer('wall', { namespace }));
    const of = { topic: 'shop.orders', there: true, partitions: 1, events: 1, appended: 1 };
    const topics = [{ ...of, namespace: 'shop', name: 'orders' }];
    const events = { ...noEvents, consumers: async () => consumers, topics: async () => topics };
    const asked = (url: string) => {
      urls.push(url);
      // As Ctrl-C does; the signal itself would end the tests.
      if (/^\/changes/.test(url)) process.emit('SIGTERM', 'SIGTERM');
    };
    const view = fakeView({ events: { ...events, operations: createFakeOperations() } });
    admin = await announceAdmin(view, tempFolder(), {}, { asked });
    cluster = await startFakeCluster(Number(new URL(admin.url).port));
    kubeconfig = join(tempFolder(), 'kubeconfig');
    const content = {
      'current-context': 'one',
      contexts: [{ name: 'one', context: { cluster: 'c', user: 'u', namespace: 'shop' } }],
      clusters: [{ name: 'c', cluster: { server: cluster.server } }],
      users: [{ name: 'u', user: { token: admin.token } }],
    };
    writeFileSync(kubeconfig, JSON.stringify(content));
  });
  after(() => {
    cluster.close();
    admin.close();
    removeTempFolders();
  });
  beforeEach(() => {
    urls = [];
  });

  /** The namespaces that the platform was asked for; `all` where none was named. */
  const namespacesOf = async (words: readonly string[], more: Partial<Terminal> = {}) => {
    const terminal = fakeTerminal({ cwd: tempFolder(), isPlugin: true, env: { KUBECONFIG: kubeconfig }, ...more });
    await run(words, terminal);
    for (const close of terminal.closers) close();
    const asked = urls.map(url => new URL(url, 'http://x')).filter(({ pathname }) => !pathname.endsWith('/info'));
    assert.notEqual(asked.length, 0, terminal.stderr);
    return [...new Set(asked.map(namespaceOf))];
  };

  it('is that of each command with a namespace that may ask a cluster', async () => {
    const found: string[] = [];
    const program = await createProgram(fakeTerminal(), () => true);
    for (const command of program.commands) {
      const options = new Set(command.options.map(({ long }) => long));
      if (!options.has('--service-account') || !options.has('--namespace')) continue;
      const name = command.name();
      assert.equal(options.has('--all-namespaces'), !CALLS.includes(name), name);
      if (!CALLS.includes(name) && !READ_WHOLE.includes(name)) found.push(name);
    }
    assert.deepEqual(found.toSorted(), [...new Set(ROWS.map(([name]) => name))].toSorted());
  });

  it('is the one that a query of sql asks, and -A is refused', async () => {
    const terminal = fakeTerminal({ cwd: tempFolder(), isPlugin: true, env: { KUBECONFIG: kubeconfig } });
    assert.equal(await run(['sql', 'SELECT 1', '-A'], terminal), 2);
    assert.match(terminal.stderr, /A query asks the tables of one namespace.*\n.*--namespace NAME/);
    assert.deepEqual(urls, []);
  });

  for (const words of ROWS) {
    it(`is that of ${words.join(' ')}`, async () => assert.deepEqual(await namespacesOf(words), ['shop']));
    it(`is not that of ${words.join(' ')} -n and -A`, async () => {
      assert.deepEqual(await namespacesOf([...words, '-n', 'other']), ['other']);
      urls = [];
      // What is looked for in each of them is asked after that.
      assert.equal((await namespacesOf([...words, '-A']))[0], 'all');
    });
  }
});
