// An installation of an older version, built from its commit: upgraded to this checkout while
// guests order and things wait, and taken back again.
// There and back over services, and both ways in one pod, which takes a tenth of all tests:
// at night (TENFOLD_NIGHTLY). test/upgrade has what an older version left behind, every time.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { crdFileName } from '../../../resources/generate/crd.ts';
import { kindNames } from '../../../resources/kinds/kind-names.ts';
import { eventually } from '../../eventually.ts';
import { type KafkaCluster, startKafka } from '../../services/kafka.ts';
import { type RedisServer, startRedis } from '../../services/redis.ts';
import { type S3Server, startS3, toS3Connection } from '../../services/s3.ts';
import { crdPath } from '../installed-crds.ts';
import { HOST_ADDRESS } from './addresses.ts';
import { allServed, whileOrdering } from './guests.ts';
import { assertKept, assertObject, putObject, releaseStock, stockLarder } from './larder.ts';
import { call, installPlatform, type Platform, tenfold, whatIsWrong } from './platform.ts';
import { findNode } from './shared-node.ts';
import { applicationOf, OLDER, olderVersion, tableVersions, thisVersion, type Version } from './versions.ts';
import { copyClaim } from './volumes.ts';

const APPLICATIONS = ['kitchen', 'larder'].map(name =>
  fileURLToPath(new URL(`../../fixtures/${name}`, import.meta.url)),
);
/**
 * Gateways of the older version know no tokens of pods, so what Functions publish there is refused
 * until the older operator has given them keys again; and they keep connections to pods that end.
 */
const MAY_FAIL_ON_THE_WAY_BACK = / 50[02] /;
/** Of both applications. */
const FUNCTIONS = 4;

const shared = process.env['TENFOLD_NIGHTLY'] === undefined ? undefined : findNode();
const node = () => (shared ?? assert.fail('There is no node.')).node();
const shop = 'upgraded-shop';
let older: Version;
let newer: Version;
let platform: Platform | undefined;
let address: string;
const kubectl = (...args: string[]) => node().kubectl(args);

const apply = async (version: Version) => {
  for (const folder of APPLICATIONS) {
    const application = await applicationOf(version, folder);
    const args = ['apply', application, '--namespace', shop, '--wait', '--timeout', '300s'];
    await tenfold(node(), args, version.root);
  }
};

/**
 * Whoever serves takes up what the older operator calls Ready a moment later: each of the gateways.
 */
const answers = () => {
  let inRow = 0;
  const order = { table: 'first', drink: 'espresso' };
  const again = async () => {
    const { status } = await call('POST', `${address}/orders`, order).catch(() => ({ status: 0 }));
    inRow = status === 201 ? inRow + 1 : 0;
    return inRow === 10;
  };
  return eventually(again, 'orders are taken');
};

const begin = async (values: object, secrets: Record<string, Record<string, string>> = {}) => {
  platform = await installPlatform(node(), values, { version: older, secrets });
  address = await platform.address();
  await kubectl('create', 'namespace', shop);
  await apply(older);
  await answers();
  return platform;
};

/**
 * The operator in charge has given every Function the function image of its version,
 * and all are done with that.
 */
const functionsRun = async ({ tag }: Version) => {
  const pods = ['get', 'pods', '--selector=tenfold.dev/function', `--namespace=${shop}`, '--output=json'];
  let images: string[] = [];
  const all = async () => {
    const { items } = JSON.parse(await kubectl(...pods));
    images = items.map(({ spec }: { spec: { containers: { image: string }[] } }) => spec.containers[0]?.image);
    return images.length >= FUNCTIONS && images.every(image => image.endsWith(`:${tag}`));
  };
  await eventually(all, `all Functions run images of ${tag}`, 300_000).catch(error => {
    throw new Error(`${error.message}: ${images}`);
  });
  await kubectl('wait', '--for=condition=Ready', 'functions', '--all', `--namespace=${shop}`, '--timeout=300s');
};

const assertCrdsOf = async ({ root }: Version) => {
  for (const kind of kindNames) {
    const text = await readFile(join(root, 'k8s/crds', crdFileName(kind)), 'utf8');
    // As Helm reads it.
    const wanted = parse(text, { version: '1.1' }).spec.versions;
    const { body } = await node().client.request('GET', crdPath(kind));
    assert.deepEqual(body.spec.versions[0].schema, wanted[0].schema, kind);
  }
};

if (shared) {
  describe(`The chart on a node, from the older version ${OLDER}`, function () {
    this.timeout(2_700_000);

    before(async () => {
      older = await olderVersion();
      newer = await thisVersion();
    });

    afterEach(async function () {
      if (this.currentTest?.state === 'failed')
        for (const namespace of ['tenfold-system', shop]) console.error(await whatIsWrong(node(), namespace));
      await kubectl('delete', 'namespace', shop, '--ignore-not-found', '--timeout=300s');
      await platform?.uninstall().catch(() => {});
      await kubectl('delete', 'namespace', 'tenfold-system', '--ignore-not-found', '--timeout=300s');
      platform = undefined;
    });

    describe('distributed over Kafka, Redis and S3', () => {
      let kafka: KafkaCluster;
      let redis: RedisServer;
      let s3: S3Server;

      const stops: (() => Promise<unknown>)[] = [];

      // Of each try: one that finds what an earlier one had ordered is told of that.
      beforeEach(async () => {
        const started = await Promise.all([
          startKafka({ host: HOST_ADDRESS }),
          startRedis({ bind: `127.0.0.1 ${HOST_ADDRESS}`, 'protected-mode': 'no', 'maxmemory-policy': 'noeviction' }),
          startS3(undefined, undefined, {}, HOST_ADDRESS),
        ]);
        [kafka, redis, s3] = started;
        for (const server of started) stops.push(() => ('stop' in server ? server.stop() : server.process.stop()));
      });

      // Not after each: what is taken off the node then lets go of them first.
      after(() => Promise.all(stops.map(stop => stop())));

      it('is upgraded without one failed request, and rolled back, and loses nothing', async () => {
        const { endpoint, bucket, credentials } = toS3Connection(s3.url);
        const installed = await begin(
          {
            mode: 'distributed',
            kafka: { brokers: kafka.brokers },
            redis: { urls: [`redis://${HOST_ADDRESS}:${redis.port}`] },
          },
          { s3: { secret: credentials?.secretAccessKey ?? '' } },
        );
        // Images of the older version could not open a bucket.
        const bucketed = {
          s3: {
            bucket,
            endpoint,
            accessKeyId: credentials?.accessKeyId,
            secretAccessKeySecret: { name: 's3', key: 'secret' },
          },
        };
        const [first, second] = [await stockLarder(address, 'first'), await stockLarder(address, 'second')];
        const ordered = [
          ...(await whileOrdering(address, async () => {
            await installed.upgrade(bucketed, newer);
            await functionsRun(newer);
            for (const stock of [first, second]) await assertKept(address, stock);
            await apply(newer);
          })),
        ];
        await putObject(address, 'third');
        await assertObject(address, 'third');
        await assertCrdsOf(newer);
        await releaseStock(address, first);
        const third = await stockLarder(address, 'third');
        ordered.push(
          ...(await whileOrdering(
            address,
            async () => {
              await installed.rollback();
              await functionsRun(older);
              for (const stock of [second, third]) await assertKept(address, stock);
            },
            MAY_FAIL_ON_THE_WAY_BACK,
          )),
        );
        await assertCrdsOf(older);
        for (const stock of [second, third]) await releaseStock(address, stock);
        await allServed(address, ordered);
      });
    });

    describe('in one pod', () => {
      it('is upgraded with all that it has; taken back it goes on with a file that it knows and refuses any other, and goes on from a copy made before', async () => {
        const installed = await begin({});
        const deployment = ['deployment', 'tenfold', `--namespace=${installed.namespace}`];
        const stop = async () => {
          await kubectl('scale', ...deployment, '--replicas=0');
          const pods = ['pod', '--selector=app.kubernetes.io/component=standalone'];
          await kubectl('wait', '--for=delete', ...pods, `--namespace=${installed.namespace}`, '--timeout=300s');
        };
        const [first, second] = [await stockLarder(address, 'first'), await stockLarder(address, 'second')];
        await putObject(address, 'first');
        const before = await whileOrdering(address, async () => {});
        await stop();
        await copyClaim(node(), installed.namespace, 'tenfold-data', 'before-upgrade');

        await installed.upgrade({}, newer);
        await answers();
        await functionsRun(newer);
        for (const stock of [first, second]) await assertKept(address, stock);
        await releaseStock(address, first);
        await assertObject(address, 'first');
        const between = [...before, ...(await whileOrdering(address, async () => {}))];
        await allServed(address, between);

        await stop();
        await installed.rollback(false);
        const tables = await tableVersions(older);
        const isKnown = Object.entries(await tableVersions(newer)).every(
          ([name, version]) => version <= (tables[name] ?? 0),
        );
        if (isKnown) {
          await answers();
          await functionsRun(older);
          await assertKept(address, second);
          await assertObject(address, 'first');
          await allServed(address, between);
          await stop();
        } else {
          const logs = () => kubectl('logs', 'deployment/tenfold', `--namespace=${installed.namespace}`).catch(String);
          const refused = async () => /was written by a newer Tenfold/.test(await logs());
          await eventually(refused, 'the older version refuses the file').catch(async error => {
            throw new Error(`${error.message}: ${await logs()}`);
          });
        }
        await installed.upgrade({ persistence: { existingClaim: 'before-upgrade' } }, older);
        await answers();
        for (const stock of [first, second]) {
          await assertKept(address, stock);
          await releaseStock(address, stock);
        }
        await assertObject(address, 'first');
        await allServed(address, before);
      });
    });
  });
}
