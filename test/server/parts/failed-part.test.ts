// A platform of which one part does not start: nothing stays open, and the next start succeeds.
import assert from 'node:assert/strict';
import { realWorld, type Timer, type World } from '../../../core/world.ts';
import { createListeners } from '../../../resources/ownership/listeners.ts';
import type { Part } from '../../../server/parts/part.ts';
import { platformParts } from '../../../server/parts/platform-parts.ts';
import { RunningParts } from '../../../server/parts/running-parts.ts';
import { contextOf, startParts } from '../../../server/platform.ts';
import type { PlatformOptions } from '../../../server/platform-options.ts';
import { openStorage, type Storage } from '../../../server/storage/open-storage.ts';
import { removeTempFolders, tempFolder } from '../../cli/temp-folder.ts';
import { freePorts } from '../../cluster/free-ports.ts';
import { eventually } from '../../eventually.ts';

const APP = 'apiVersion: tenfold.dev/v1alpha1\nkind: Topic\nmetadata: { name: orders }\nspec: {}\n';

/** A world that lists its pending timers. */
function countedWorld(): { readonly world: World; readonly pending: ReadonlySet<Timer> } {
  const pending = new Set<Timer>();
  const after: World['after'] = (ms, run) => {
    const timer = realWorld.after(ms, () => {
      pending.delete(counted);
      run();
    });
    const counted: Timer = {
      cancel() {
        pending.delete(counted);
        timer.cancel();
      },
    };
    pending.add(counted);
    return counted;
  };
  return { world: { ...realWorld, after }, pending };
}

/** The resources that keep this process alive, without the timers of the test itself. */
function openHandles(): string {
  const kinds = process.getActiveResourcesInfo().filter(kind => kind !== 'Timeout' && kind !== 'Immediate');
  return kinds.sort().join(' ');
}

/** It fails in place of one part, once the earlier parts have started. */
class FailingAt extends RunningParts {
  readonly #name: string;
  readonly failures: unknown[];

  constructor(world: World, name: string) {
    const failures: unknown[] = [];
    super(world, error => failures.push(error));
    this.#name = name;
    this.failures = failures;
  }

  override start<Needs extends object, Gives extends object>(
    part: Part<Needs, Gives>,
    given: Needs,
  ): Promise<Needs & Gives> {
    return part.name === this.#name ? Promise.reject(new Error(`no ${part.name}`)) : super.start(part, given);
  }
}

/**
 * A process that shares the storage with others has more to do: it tells them of itself,
 * and asks for their changes.
 */
const noHints: NonNullable<Storage['hints']> = { listen: () => () => {}, tell() {}, close: async () => {} };

describe('A platform of which a part does not start', () => {
  let options: PlatformOptions;

  before(async () => {
    const [port = 0, internal = 0, admin = 0, team = 0] = await freePorts(4);
    options = {
      directory: tempFolder({ 'app.yaml': APP }),
      watch: true,
      host: '127.0.0.1',
      ports: { public: port, internal, admin },
      listeners: createListeners([
        { name: 'public', namespaces: undefined, hosts: undefined },
        { name: 'team', namespaces: ['team'], hosts: undefined },
      ]),
      listenerPlaces: [{ name: 'team', port: team, trustedProxies: [] }],
      events: {},
    };
  });
  after(removeTempFolders);

  const parts = [
    'tracing',
    'outgoing connections',
    'connections of callbacks',
    'function host',
    'plan',
    'storage',
    'back-ups',
    'shared traces',
    'shared limits',
    'shared state',
    'event plane',
    'acceptor of resources',
    'objects',
    'metrics',
    'exported metrics',
    'admin port',
    'internal listener',
    'announcer',
    'deliveries',
    'resources',
    'debuggers',
    'topics',
    'listener team',
    'public listener',
    'announcement',
  ];

  it('starts its parts in the order in which they need each other', () => {
    assert.deepEqual(platformParts(contextOf(options, realWorld)).names, parts);
  });

  for (const shares of [false, true])
    for (const name of parts)
      it(`leaves nothing open without its ${name}${shares ? ', where it shares its storage' : ''}`, async () => {
        const { world, pending } = countedWorld();
        const before = openHandles();
        const kept = shares ? await openStorage(realWorld, tempFolder({})) : undefined;
        const storage = kept ? { storage: { ...kept, hints: noHints } } : {};
        const running = new FailingAt(world, name);
        const starting = startParts(contextOf({ ...options, ...storage }, world), running);
        await assert.rejects(starting, { message: `no ${name}` });
        await kept?.close();
        assert.deepEqual(running.failures, []);
        await eventually(() => pending.size === 0, 'no timer is pending');
        await eventually(() => openHandles() === before, `nothing is open but ${before}`);
      });

  it('starts whole afterwards, at the same ports and in the same folders', async () => {
    const { world, pending } = countedWorld();
    const platform = await startParts(
      contextOf(options, world),
      new RunningParts(world, error => assert.fail(String(error))),
    );
    assert.equal(platform.view.readiness().ready, true);
    await platform.close(1_000);
    await eventually(() => pending.size === 0, 'no timer is pending');
  });
});
