// Who we are in a cluster: from the files of a pod, or from a kubeconfig.
import assert from 'node:assert/strict';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { kubeconfigAccess } from '../../../k8s/api/kubeconfig.ts';
import { isInPod, podAccess } from '../../../k8s/api/pod-access.ts';
import { createFakeWorld } from '../../fakes/fake-world.ts';

const base64 = (text: string) => Buffer.from(text).toString('base64');

describe('Access to a cluster', () => {
  let folder: string;
  const world = createFakeWorld(Date.parse('2026-01-01T00:00:00Z'));

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tenfold-access-'));
  });
  afterEach(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  async function kubeconfig(user: object, cluster: object = { server: 'https://one:6443/' }): Promise<string> {
    const file = join(folder, 'config');
    const config = {
      'current-context': 'here',
      contexts: [
        { name: 'here', context: { cluster: 'one', user: 'me', namespace: 'shop' } },
        { name: 'there', context: { cluster: 'one', user: 'me' } },
      ],
      clusters: [{ name: 'one', cluster }],
      users: [{ name: 'me', user }],
    };
    await writeFile(file, JSON.stringify(config));
    return file;
  }

  describe('of a pod', () => {
    const env = { KUBERNETES_SERVICE_HOST: '10.96.0.1', KUBERNETES_SERVICE_PORT: '443' };
    beforeEach(async () => {
      for (const [name, text] of [
        ['token', 'first\n'],
        ['ca.crt', 'PEM'],
        ['namespace', 'shop'],
      ] as const) {
        await writeFile(join(folder, name), text);
      }
    });

    it('is that of its ServiceAccount', async () => {
      const access = await podAccess(world, env, folder);
      assert.deepEqual([access.server, access.ca, access.namespace], ['https://10.96.0.1:443', 'PEM', 'shop']);
      assert.equal(await access.token?.(), 'first');
    });

    it('follows the token, which the kubelet replaces', async () => {
      const access = await podAccess(world, env, folder);
      await writeFile(join(folder, 'token'), 'second');
      assert.equal(await access.token?.(), 'first');
      await world.pass(60_000);
      assert.equal(await access.token?.(), 'second');
    });

    it('knows its pod where the token says which one it is for', async () => {
      assert.equal((await podAccess(world, env, folder)).pod, undefined);
      const claims = {
        'kubernetes.io': { namespace: 'shop', pod: { name: 'gateway-1', uid: 'a-1' }, node: { name: 'n' } },
      };
      await writeFile(join(folder, 'token'), `e30.${base64(JSON.stringify(claims))}.x`);
      assert.deepEqual((await podAccess(world, env, folder)).pod, { name: 'gateway-1', uid: 'a-1' });
    });

    it('says what is missing', async () => {
      await rm(join(folder, 'token'));
      await assert.rejects(podAccess(world, env, folder), /Give it a ServiceAccount/);
    });

    it('is taken for one by what Kubernetes tells every pod', () => {
      assert.ok(isInPod(env));
      assert.ok(!isInPod({}));
    });
  });

  describe('of a kubeconfig', () => {
    it('has server, namespace and token', async () => {
      const file = await kubeconfig(
        { token: 'secret' },
        { server: 'https://one:6443/', 'certificate-authority-data': base64('PEM') },
      );
      const access = await kubeconfigAccess({ world, env: {}, file });
      assert.deepEqual([access.server, access.ca, access.namespace], ['https://one:6443', 'PEM', 'shop']);
      assert.equal(await access.token?.(), 'secret');
    });

    it('is found by KUBECONFIG, with the context that is named', async () => {
      const file = await kubeconfig({ token: 'secret' });
      const access = await kubeconfigAccess({ world, env: { KUBECONFIG: file }, context: 'there' });
      assert.equal(access.namespace, 'default');
    });

    it('has a client certificate, written in it or beside it', async () => {
      await writeFile(join(folder, 'me.crt'), 'CERT');
      const file = await kubeconfig({ 'client-certificate': 'me.crt', 'client-key-data': base64('KEY') });
      const access = await kubeconfigAccess({ world, env: {}, file });
      assert.deepEqual(access.clientCertificate, { cert: 'CERT', key: 'KEY' });
      assert.equal(await access.token?.(), undefined);
    });

    it('asks a program for a token, and again when that has ended', async () => {
      const program = join(folder, 'credentials');
      const answer = `{"status":{"token":"'$N'-'$(date +%N)'","expirationTimestamp":"2026-01-01T00:10:00Z"}}`;
      await writeFile(program, `#!/bin/sh\necho '${answer}'\n`);
      await chmod(program, 0o755);
      const exec = {
        apiVersion: 'client.authentication.k8s.io/v1',
        command: program,
        env: [{ name: 'N', value: 'x' }],
      };
      const file = await kubeconfig({ exec });
      const access = await kubeconfigAccess({ world, env: { PATH: process.env['PATH'] }, file });
      const first = await access.token?.();
      assert.match(first ?? '', /^x-\d+$/);
      assert.equal(await access.token?.(), first);
      await world.pass(10 * 60_000);
      assert.notEqual(await access.token?.(), first);
    });

    it('says what is wrong with it', async () => {
      const file = await kubeconfig({});
      await assert.rejects(
        kubeconfigAccess({ world, env: {}, file, context: 'nowhere' }),
        /no "nowhere" among its contexts/,
      );
      await assert.rejects(kubeconfigAccess({ world, env: {}, file: join(folder, 'none') }), /cannot be read/);
    });
  });
});
