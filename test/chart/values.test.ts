// Values: what is unknown or wrong is refused and named, every object of the schema is closed, and
// each setting of the configuration can be reached.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { settingsOf } from '../../server/config/settings.ts';
import { CHART, only, PLATFORM, render } from './helm.ts';
import { distributed, everything } from './samples.ts';

/** It says what to write. */
const UNANSWERED = /namespaces is not set: .*--set 'namespaces=\{shop,billing\}'.*--set namespaces=all/;

describe("the chart's values", () => {
  const green = { name: 'green', port: 8443, namespaces: ['green'] };
  const refused: readonly (readonly [what: string, values: object, says: RegExp])[] = [
    ['an unknown value', { replicas: 3 }, /additional properties 'replicas' not allowed/],
    ['a misspelt one, with its place', { image: { tga: '1' } }, /'\/image'.* 'tga' not allowed/],
    [
      'a misspelt limit',
      { standalone: { resources: { limit: {} } } },
      /'\/standalone\/resources'.* 'limit' not allowed/,
    ],
    ['a misspelt toleration', { tolerations: [{ keys: 'a' }] }, /'\/tolerations\/0'.* 'keys' not allowed/],
    ['another mode', { mode: 'ha' }, /'\/mode'.*'standalone', 'distributed'/],
    [
      'a password in place of a reference',
      { redis: { passwordSecret: 'hunter2' } },
      /'\/redis\/passwordSecret'.*got string/,
    ],
    ['a number as text', { gateway: { replicas: '2' } }, /'\/gateway\/replicas'.*got string, want integer/],
    ['no answer to whose objects are followed', { namespaces: '' }, UNANSWERED],
    ['an empty one, as earlier releases have kept it', { namespaces: [] }, UNANSWERED],
    ['a name that is no list', { namespaces: 'shop' }, /'\/namespaces'.*'shop' does not match pattern '\^\(all\)\?\$'/],
    ['a bad namespace', { namespaces: ['Shop'] }, /'\/namespaces\/0'.*does not match pattern/],
    ['processes without a log', { mode: 'distributed' }, /kafka\.brokers has to say where it is/],
    ['processes without a store', { ...distributed, redis: {} }, /redis\.urls has to say where it is/],
    [
      'a claim for copies where nothing is kept on a volume',
      { ...distributed, persistence: { backupClaim: 'copies' } },
      /nothing to copy to persistence\.backupClaim/,
    ],
    [
      'a claim where nothing is kept on a volume',
      { ...distributed, persistence: { existingClaim: 'data' } },
      /nobody would use persistence\.existingClaim/,
    ],
    [
      'a claim where nothing is to be kept',
      { persistence: { enabled: false, existingClaim: 'data' } },
      /persistence\.enabled is false, so nobody would use persistence\.existingClaim/,
    ],
    [
      'a user without a password',
      { kafka: { brokers: ['a:1'], sasl: { mechanism: 'plain', username: 'a' } } },
      /kafka\.sasl\.passwordSecret\.name/,
    ],
    ['Sentinels without a name', { redis: { urls: ['redis://a'], mode: 'sentinel' } }, /redis\.sentinelName/],
    ['an access key alone', { s3: { bucket: 'a', accessKeyId: 'a' } }, /s3\.secretAccessKeySecret\.name/],
    ['events of a bucket without Kafka', { s3: { bucket: 'a', events: { topic: 'a' } } }, /kafka\.brokers has to say/],
    ['a route to no Gateway', { httpRoute: { enabled: true } }, /httpRoute\.parentRefs has to name a Gateway/],
    ['listeners of one name', { listeners: [green, { ...green, port: 8444 }] }, /listeners has two of the name green/],
    [
      'listeners of one port',
      { listeners: [green, { ...green, name: 'blue' }] },
      /listeners green and blue have the same port, 8443/,
    ],
    ...['public', 'internal', 'admin', 'metrics', 'Green', 'a-very-long-name'].map(
      name => [`a listener called ${name}`, { listeners: [{ ...green, name }] }, /'\/listeners\/0\/name'/] as const,
    ),
    ...[80, 8080, 8081, 9090].map(
      port => [`a listener at ${port}`, { listeners: [{ ...green, port }] }, /'\/listeners\/0\/port'/] as const,
    ),
    ['a listener for nobody', { listeners: [{ ...green, namespaces: [] }] }, /'\/listeners\/0\/namespaces'/],
    [
      'a listener of a namespace that is not followed',
      { namespaces: ['shop'], listeners: [green] },
      /A listener names the namespace green, which namespaces does not have/,
    ],
    [
      'a public port of a namespace that is not followed',
      { namespaces: ['shop'], publicNamespaces: ['green'], tests: { enabled: false } },
      /publicNamespaces names the namespace green/,
    ],
    [
      'a test whose namespace no listener serves',
      { namespaces: ['green', 'shop'], listeners: [{ ...green, hosts: ['green.example'] }] },
      /no listener serves the namespace of the test/,
    ],
    [
      'nothing to scale by',
      { ...distributed, worker: { autoscaling: { enabled: true, cpuPercent: 0 } } },
      /nothing to scale by/,
    ],
    [
      'more at least than at most',
      { ...distributed, gateway: { autoscaling: { enabled: true, minReplicas: 9, maxReplicas: 2 } } },
      /maxReplicas is below minReplicas/,
    ],
  ];
  for (const [what, values, says] of refused) {
    it(`are refused: ${what}`, async () => {
      await assert.rejects(render(values), says);
    });
  }

  it('of k8s/kind are taken, and bring the keys of the coffee shop’s partners to the pod', async () => {
    const kind = parse(readFileSync(join(CHART, '../../k8s/kind/values.yaml'), 'utf8'));
    const { spec } = only(await render(kind), 'Deployment', 'tenfold')['spec'].template;
    assert.partialDeepStrictEqual(spec.volumes, [
      { secret: { secretName: 'coffee-shop-partner-keys', optional: true } },
    ]);
    const { volumeMounts } = spec.containers[0];
    const mounted = volumeMounts.some(({ mountPath }: { mountPath: string }) =>
      mountPath.endsWith('/coffee-shop/partner-keys'),
    );
    assert.ok(mounted, JSON.stringify(volumeMounts));
  });

  it('are all closed, but what charts around this one share', () => {
    const schema = JSON.parse(readFileSync(join(CHART, 'values.schema.json'), 'utf8'));
    const open: string[] = [];
    visit(schema, '', open);
    // Maps of texts have any keys; `global` is shared with whatever this chart is part of.
    assert.deepEqual(open, ['/properties/global']);
  });

  it('reach every setting of the configuration, but those that are the same in each pod', async () => {
    const values = {
      ...everything,
      publicNamespaces: ['shop', PLATFORM],
      elasticsearch: {
        ...everything.elasticsearch,
        username: 'shop',
        passwordSecret: { name: 'search', key: 'password' },
      },
    };
    const { data } = only(await render(values), 'ConfigMap', 'tenfold');
    // One pod with a volume is all that has copies of its own.
    const alone = only(await render({ persistence: { backupClaim: 'copies' } }), 'ConfigMap', 'tenfold').data;
    const files = [alone['tenfold.yaml'], data['operator.yaml'], data['tenfold.yaml']];
    const config = Object.assign({}, ...files.map(text => parse(text)));
    const missing = settingsOf()
      .map(({ path }) => path)
      .filter(path => valueAt(config, path) === undefined)
      .map(path => path.join('.'))
      .filter(path => !FIXED.has(path));
    assert.deepEqual(missing, [], 'write them in _config.tpl of the chart, or say here why not');
  });
});

/**
 * Ports and addresses are those of the containers, flags of the pods say what is followed, in a pod
 * there is no kubeconfig, and functions have pods of their own.
 */
const FIXED = new Set([
  ...['public.host', 'public.port', 'internal.host', 'internal.port', 'admin.host', 'admin.port'],
  ...['cluster.enabled', 'cluster.namespaces', 'cluster.kubeconfig', 'cluster.context', 'functions.allowLoopback'],
  ...['operator.enabled', 'operator.platformNamespace', 'functions.env'],
]);

function valueAt(value: unknown, path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], value);
}

function visit(schema: unknown, path: string, open: string[]): void {
  if (typeof schema !== 'object' || schema === null) return;
  if ('properties' in schema && (!('additionalProperties' in schema) || schema.additionalProperties !== false))
    open.push(path);
  for (const [key, inner] of Object.entries(schema)) visit(inner, `${path}/${key}`, open);
}
