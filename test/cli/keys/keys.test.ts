// `tenfold keys` over an application's folder: what is printed, what is stored, and
// what a gateway then takes.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createApiKeys } from '../../../gateway/auth/api-keys.ts';
import { createLocalSecrets } from '../../../server/functions/local-secrets.ts';
import { createFakeWorld } from '../../fakes/fake-world.ts';
import { runCli } from '../run-cli.ts';
import { removeTempFolders, tempFolder } from '../temp-folder.ts';

const api = (name: string, secret: string, namespace = 'default') => `
apiVersion: tenfold.dev/v1alpha1
kind: Api
metadata: { name: ${name}, namespace: ${namespace} }
spec:
  basePath: /${name}
  auth: { apiKey: { secret: ${secret}, header: x-shop-key } }
  routes: [{ match: { path: /a }, to: { url: 'http://a.example' } }]
`;

describe('keys', () => {
  let folder: string;
  beforeEach(() => {
    folder = tempFolder();
    writeFileSync(join(folder, 'app.yaml'), api('shop', 'shop-keys'));
  });
  afterEach(removeTempFolders);

  const keys = (...words: string[]) => runCli(['keys', ...words], { cwd: folder });
  const file = () => join(folder, '.tenfold', 'secrets', 'default', 'shop-keys.json');
  const stored = () => JSON.parse(readFileSync(file(), 'utf8')) as Record<string, string>;

  it('create prints the key alone, once, and stores its hash for the owner of the file only', async () => {
    const { code, stdout, stderr } = await keys('create', 'mobile');
    assert.equal(code, 0);
    assert.match(stdout, /^tfk_[A-Za-z0-9_-]{43}\n$/);
    assert.match(stderr, /Key of mobile for Api shop, to be sent in x-shop-key\. It is not shown again\./);
    const key = stdout.trim();
    assert.deepEqual(stored(), { mobile: createHash('sha256').update(key).digest('hex') });
    assert.ok(!readFileSync(file(), 'utf8').includes(key));
    assert.equal(statSync(file()).mode & 0o777, 0o600);
    assert.equal(readFileSync(join(folder, '.tenfold', '.gitignore'), 'utf8'), '*\n');
  });

  it('what it stores, a running gateway takes, and no longer after revoke', async () => {
    const world = createFakeWorld();
    const gateway = createApiKeys({
      world,
      secrets: createLocalSecrets(folder),
      namespace: 'default',
      secret: 'shop-keys',
      log() {},
    });
    assert.equal(gateway.consumerOf('x'), undefined);
    const key = (await keys('create', 'mobile')).stdout.trim();
    await world.pass(1000);
    assert.equal(gateway.consumerOf(key), 'mobile');
    const { code, stderr } = await keys('revoke', 'mobile');
    assert.deepEqual([code, stderr], [0, '1 key of mobile taken back; 0 left.\n']);
    await world.pass(1000);
    assert.equal(gateway.consumerOf(key), undefined);
    assert.deepEqual(stored(), {});
  });

  it('create refuses a consumer that has a key, and says what to do', async () => {
    await keys('create', 'mobile');
    const { code, stdout, stderr } = await keys('create', 'mobile');
    assert.deepEqual([code, stdout], [1, '']);
    assert.match(stderr, /mobile has a key for Api shop already\.\nNext: add a second key with --rotate/);
  });

  it('create --rotate adds a key, revoke --old leaves the newest', async () => {
    const first = (await keys('create', 'mobile')).stdout.trim();
    const second = (await keys('create', 'mobile', '--rotate')).stdout.trim();
    const hashes = [first, second].map(key => createHash('sha256').update(key).digest('hex'));
    assert.equal(stored()['mobile'], hashes.join(' '));
    await keys('revoke', 'mobile', '--old');
    assert.equal(stored()['mobile'], hashes[1]);
  });

  it('list shows who has keys, and never a key', async () => {
    const key = (await keys('create', 'mobile')).stdout.trim();
    await keys('create', 'web');
    const { code, stdout } = await keys('list');
    assert.equal(code, 0);
    assert.match(stdout, /^CONSUMER +KEYS +SHA-256\nmobile +1 +[0-9a-f]{8}…\nweb +1 +[0-9a-f]{8}…\n$/);
    const data = JSON.parse((await keys('list', '-o', 'json')).stdout);
    assert.deepEqual(
      data.items.map((item: { consumer: string }) => item.consumer),
      ['mobile', 'web'],
    );
    assert.ok(!JSON.stringify(data).includes(key));
  });

  it('create prints data as JSON', async () => {
    const { stdout } = await keys('create', 'mobile', '-o', 'json');
    assert.partialDeepStrictEqual(JSON.parse(stdout), { consumer: 'mobile', header: 'x-shop-key' });
  });

  it('finds the application that has run above the working folder', async () => {
    mkdirSync(join(folder, '.tenfold'));
    const below = join(folder, 'functions', 'deep');
    mkdirSync(below, { recursive: true });
    assert.equal((await runCli(['keys', 'create', 'mobile'], { cwd: below })).code, 0);
    assert.ok(existsSync(file()));
  });

  it('asks for --api when Apis have different Secrets, and not when they share one', async () => {
    writeFileSync(join(folder, 'more.yaml'), api('admin', 'admin-keys'));
    const { code, stderr } = await keys('create', 'mobile');
    assert.equal(code, 3);
    assert.match(stderr, /different Secrets: .*shop.*\nNext: .*--api/);
    assert.equal((await keys('create', 'mobile', '--api', 'shop')).code, 0);
    writeFileSync(join(folder, 'more.yaml'), api('admin', 'shop-keys'));
    assert.match((await keys('create', 'web')).stderr, /Api (admin and shop|shop and admin)/);
  });

  const mistakes: Record<string, [string[], number, RegExp]> = {
    'no consumer': [['create'], 2, /Whose key to create\?/],
    'a name that a Secret cannot hold': [['create', 'a b'], 2, /The name of a consumer/],
    'a consumer without a key': [['revoke', 'nobody'], 3, /nobody has no key.*\nNext: see who has a key/],
    'an Api that is not there': [['list', '--api', 'other'], 3, /No Api other in .* takes API keys/],
    'a folder that is not there': [['list', '--dir', 'nowhere'], 2, /There is no folder .*nowhere/],
  };
  for (const [name, [words, exit, message]] of Object.entries(mistakes)) {
    it(`explains ${name}`, async () => {
      const { code, stderr } = await keys(...words);
      assert.equal(code, exit, stderr);
      assert.match(stderr, message);
    });
  }
});
