// What `tenfold apply --wait` waits for, and what it says of the rest.
import assert from 'node:assert/strict';
import type { KubeObject } from '../../../k8s/api/kube-object.ts';
import { waitReady } from '../../../k8s/apply/wait-ready.ts';
import type { Writer } from '../../../k8s/apply/writer.ts';
import { createFakeWorld } from '../../fakes/fake-world.ts';

const condition = (type: string, status: string, message: string) => ({
  type,
  status,
  message,
  observedGeneration: 2,
});
const ready = condition('Ready', 'True', '1 of 1 instance is available.');
const gone = condition('Ready', 'False', '0 of 1 instance is available.');
const stalled = condition('Stalled', 'True', 'It exits with 9. menu-1 still answers.');

const progressing = (reason: string) => ({ ...condition('Progressing', 'True', 'Half of it.'), reason });

const rows: readonly [name: string, conditions: readonly object[], waiting: readonly string[]][] = [
  [
    'for new code until all instances run it',
    [ready, progressing('RollingOut')],
    ['Its newest code is being rolled out.'],
  ],
  ['for new code no longer than until it is a canary', [ready, progressing('Canary')], []],
  ['for nothing when it is ready', [ready, condition('Progressing', 'False', '')], []],
  ['for one that does not answer', [gone], ['0 of 1 instance is available.']],
  ['for the newest version, not for the one before', [ready, stalled], ['It exits with 9. menu-1 still answers.']],
];

describe('Waiting for what was applied', () => {
  for (const [name, conditions, expected] of rows) {
    it(`is ${name}`, async () => {
      const object: KubeObject = {
        apiVersion: 'tenfold.dev/v1alpha1',
        kind: 'Function',
        metadata: { name: 'menu', namespace: 'shop', generation: 2, annotations: { 'tenfold.dev/source': 'code' } },
        status: { observedGeneration: 2, source: 'code', conditions },
      };
      const world = createFakeWorld();
      const waiting = await waitReady(
        [{ kind: 'Function', namespace: 'shop', name: 'menu', action: 'configured', object }],
        {
          writer: { list: async () => [object] } as unknown as Writer,
          world,
          pause: ms => world.pass(ms),
          timeoutMs: 30_000,
          progress() {},
        },
      );
      assert.deepEqual(
        waiting.map(({ message }) => message),
        expected,
      );
    });
  }
});

describe('Waiting for a Function that does not start', () => {
  const cause = {
    ...condition('Stalled', 'True', 'Pod fn-menu-1: the image cannot be pulled.'),
    reason: 'Unavailable',
  };
  const refused = { ...condition('Stalled', 'True', 'It is not valid.'), reason: 'Invalid' };
  const objectOf = (kind: string, conditions: readonly object[], source: string, annotations = {}): KubeObject => ({
    apiVersion: 'tenfold.dev/v1alpha1',
    kind,
    metadata: { name: 'menu', namespace: 'shop', generation: 2, annotations },
    status: { observedGeneration: 2, source, conditions },
  });
  const fn = (conditions: readonly object[], source = 'code') =>
    objectOf('Function', conditions, source, { 'tenfold.dev/source': 'code' });
  const api = objectOf('Api', [condition('Ready', 'False', 'A Function that it leads to cannot answer: menu.')], '');

  /** The milliseconds until it ended, and what it said. */
  async function waitFor(described: KubeObject) {
    const world = createFakeWorld();
    const applied = (['Api', 'Function'] as const).map(kind => ({
      kind,
      namespace: 'shop',
      name: 'menu',
      action: 'configured' as const,
      object: described,
    }));
    const writer = { list: async ({ kind }: { kind: string }) => [kind === 'Api' ? api : described] };
    const from = world.monotonic();
    const waiting = await waitReady(applied, {
      writer: writer as unknown as Writer,
      world,
      pause: ms => world.pass(ms),
      timeoutMs: 300_000,
      progress() {},
    });
    return { ms: world.monotonic() - from, said: waiting.map(({ kind, message }) => `${kind} ${message}`) };
  }

  it('ends at once with the cause, whatever waits for that Function', async () => {
    const { ms, said } = await waitFor(fn([gone, cause]));
    assert.ok(ms <= 1000, `${ms} ms`);
    assert.deepEqual(said, [
      'Function Pod fn-menu-1: the image cannot be pulled.',
      'Api A Function that it leads to cannot answer: menu.',
    ]);
  });

  it('goes on while the status is that of the code before', async () => {
    assert.equal((await waitFor(fn([gone, cause], 'before'))).ms, 300_000);
  });

  it('goes on where something is not valid yet, as what it needs may come', async () => {
    assert.equal((await waitFor(fn([gone, refused]))).ms, 300_000);
  });
});
