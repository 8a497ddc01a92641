// What a configuration comes to: who goes before whom, where values are from, and all that is wrong at once.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ConfigSources, loadConfig } from '../../../server/config/load.ts';

const SECRET = 'a-secret-that-is-long-enough';

describe('configuration', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tenfold-config-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  function load(text: string | undefined, sources: Partial<ConfigSources> = {}) {
    const file = text === undefined ? undefined : join(folder, 'tenfold.yaml');
    if (file) writeFileSync(file, text ?? '');
    return loadConfig({ role: 'serve', file, env: {}, cwd: folder, ...sources });
  }

  /** `3:7 message` for what is in the file, `TENFOLD_X message` for what is elsewhere. */
  function told(text: string | undefined, sources: Partial<ConfigSources> = {}): string[] {
    return load(text, sources).problems.map(({ source, message }) => {
      if (source === undefined) return message;
      return `${'name' in source ? source.name : `${source.line}:${source.column}`} ${message}`;
    });
  }

  it('is all defaults where nothing is said', () => {
    const { config, problems } = load(undefined);
    assert.deepEqual(problems, []);
    assert.equal(config?.host, '127.0.0.1');
    assert.deepEqual([config?.public.port, config?.internal.port, config?.admin.port], [8080, 8081, 9090]);
    assert.equal(config?.drain, 10_000);
    assert.equal(config?.store.redis, undefined);
  });

  it('names the files of secrets, and refuses to pass variables of the platform on to functions', () => {
    const path = join(folder, 'token');
    writeFileSync(path, SECRET);
    const text = 'admin: { token: { file: token } }\nfunctions: { env: [HTTPS_PROXY] }\n';
    const { config, secretFiles } = load(text);
    assert.deepEqual(secretFiles, [path]);
    assert.deepEqual(config?.functions.env, ['HTTPS_PROXY']);
    for (const name of ['TENFOLD_ADMIN_TOKEN', 'NODE_OPTIONS', 'PORT', 'A B'])
      assert.equal(told(undefined, { env: { TENFOLD_FUNCTIONS_ENV: `A,${name}` } }).length, 1, name);
  });

  it('an option goes before a variable, that before the file, that before the default', () => {
    const text = 'public: { port: 1, trustedProxies: [10.0.0.0/8] }\ninternal: { port: 2 }\nadmin: { port: 3 }\n';
    const { config, sourceOf } = load(text, {
      env: { TENFOLD_PUBLIC_PORT: '11', TENFOLD_INTERNAL_PORT: '12' },
      options: [{ path: 'public.port', value: 21, option: '--port' }],
    });
    assert.deepEqual([config?.public.port, config?.internal.port, config?.admin.port], [21, 12, 3]);
    assert.deepEqual(config?.public.trustedProxies, ['10.0.0.0/8']);
    assert.deepEqual(sourceOf(['public', 'port']), { name: '--port' });
    assert.deepEqual(sourceOf(['internal', 'port']), { name: 'TENFOLD_INTERNAL_PORT' });
    assert.deepEqual(sourceOf(['admin', 'port']), { file: join(folder, 'tenfold.yaml'), line: 3, column: 16 });
    assert.equal(sourceOf(['drain']), undefined);
  });

  it('a variable can say everything, lists with commas or as JSON', () => {
    const env = {
      TENFOLD_STORE_REDIS_URLS: 'redis://one:6379, redis://two:6379',
      TENFOLD_STORE_REDIS_MODE: 'cluster',
      TENFOLD_STORE_REDIS_PASSWORD: 'x',
      TENFOLD_PUBLIC_TRUSTED_PROXIES: '["10.0.0.1","fd00::/8"]',
      TENFOLD_DRAIN: '1m',
      TENFOLD_LOG_LEVEL: '',
    };
    const { config, problems } = load(undefined, { env });
    assert.deepEqual(problems, []);
    assert.deepEqual(config?.store.redis, {
      urls: ['redis://one:6379', 'redis://two:6379'],
      mode: 'cluster',
      password: 'x',
      prefix: 'tenfold',
    });
    assert.deepEqual(config?.public.trustedProxies, ['10.0.0.1', 'fd00::/8']);
    assert.equal(config?.drain, 60_000);
    assert.equal(config?.logLevel, 'info');
  });

  it('reads secrets where they are said to be, and from their own variables', () => {
    writeFileSync(join(folder, 'token'), `${SECRET}\n`);
    const text = 'admin: { token: { file: token } }\ninternal: { secret: { env: MINE } }\n';
    const { config, secretVariables } = load(text, { env: { MINE: `${SECRET}-2` }, cwd: '/' });
    assert.deepEqual([config?.admin.token, config?.internal.secret], [SECRET, `${SECRET}-2`]);
    assert.deepEqual(secretVariables, ['MINE']);
    const other = load(text, { env: { TENFOLD_INTERNAL_SECRET: `${SECRET}-3`, TENFOLD_ADMIN_TOKEN_FILE: 'token' } });
    assert.deepEqual([other.config?.admin.token, other.config?.internal.secret], [SECRET, `${SECRET}-3`]);
  });

  it('means paths from the folder of the file, in options and variables from where it runs', () => {
    const { config } = load('data: kept\n', { cwd: '/elsewhere' });
    assert.equal(config?.data, join(folder, 'kept'));
    assert.equal(load('data: kept\n', { cwd: '/elsewhere', env: { TENFOLD_DATA: 'x' } }).config?.data, '/elsewhere/x');
  });

  it('tells all that is wrong at once, each with its place', () => {
    const text = `public: { port: 99999, certficate: {} }
admin:
  token: hunter2
store:
  redis:
    urls: [redis://user:secret@host]
    mode: sentinal
    password: { env: NOT_SET }
    tls: { ca: missing.pem }
`;
    assert.deepEqual(told(text, { env: { TENFOLD_INTERNAL_SECRET: 'short', TENFOLD_DRAIN: 'soon' } }), [
      '1:17 This must be a port: 0 (any free one) to 65535.',
      '1:24 There is no field "certficate" here. Did you mean "certificate"?',
      'TENFOLD_INTERNAL_SECRET The variable TENFOLD_INTERNAL_SECRET has 5 characters, too few to be a secret. Give it at least 16, such as those of "openssl rand -hex 24".',
      '3:10 A secret does not stand in the configuration itself. Say where it is: { env: NAME } for a variable, { file: PATH } for a file.',
      'TENFOLD_DRAIN This must be a duration such as 300ms, 30s, 15m or 7d.',
      '6:12 This must be redis://host:port or rediss://host:port (TLS), without a password: that has a field of its own.',
      '7:11 "sentinal" is not one of single, sentinel, cluster. Did you mean "sentinel"?',
      '8:15 The variable NOT_SET is not set.',
      `9:16 The file ${join(folder, 'missing.pem')} cannot be read (ENOENT).`,
    ]);
  });

  it('tells that events of a bucket need Kafka, in a single process, too', () => {
    const text = 'blobs: { s3: { bucket: shop, events: { topic: bucket-events } } }\n';
    assert.deepEqual(told(text), [
      '1:1 The events of the bucket (blobs.s3.events) come over a topic of Kafka. Set log.kafka.brokers in the file, or TENFOLD_LOG_KAFKA_BROKERS.',
    ]);
    const env = { TENFOLD_LOG_KAFKA_BROKERS: 'kafka:9092', TENFOLD_BLOBS_S3_KEYS: 'plain' };
    assert.partialDeepStrictEqual(load(text, { env }).config?.blobs.s3, {
      keys: 'plain',
      events: { topic: 'bucket-events' },
    });
  });

  it('tells what is missing, and how it is set', () => {
    assert.deepEqual(told('store: { redis: { mode: cluster } }\n'), [
      '1:17 The field "urls" is missing. Set store.redis.urls in the file, or TENFOLD_STORE_REDIS_URLS.',
    ]);
    const options = [{ path: 'public.certificate.cert', value: '/a', option: '--tls-cert' }];
    assert.deepEqual(told(undefined, { options }), [
      'The field "key" is missing. Set public.certificate.key in the file, or TENFOLD_PUBLIC_CERTIFICATE_KEY.',
    ]);
  });

  const files: readonly [name: string, text: string, message: RegExp][] = [
    ['is no YAML', 'a: {b: c', /^1:\d+ .*must be/],
    ['is a list', '- a', /^1:1 A configuration is an object of settings/],
    ['has two documents', 'host: a\n---\nhost: b\n', /^3:1 A configuration is one document/],
    ['names two places of a secret', 'admin: { token: { env: A, file: b } }', /^1:33 Only one of "env", "file"/],
    ['has several servers of one', 'store: { redis: { urls: [redis://a, redis://b] } }', /^1:25 Several urls are/],
    ['names no proxy', 'public: { trustedProxies: [10.0.0.0/99] }', /^1:28 "10\.0\.0\.0\/99" is no address or network/],
  ];
  for (const [name, text, message] of files) {
    it(`is refused when it ${name}`, () => {
      const problems = told(text);
      assert.equal(problems.length, 1, problems.join('\n'));
      assert.match(problems[0] ?? '', message);
    });
  }

  it('is refused when the file is not there', () => {
    const { config, problems } = load(undefined, { file: join(folder, 'nope.yaml') });
    assert.equal(config, undefined);
    assert.match(problems[0]?.message ?? '', /cannot be read/);
  });

  it('warns of a variable that was probably meant to be a setting, of no other', () => {
    const env = { TENFOLD_STORE_REDIS_URL: 'redis://a', TENFOLD_TEST_REDIS: 'x', TENFOLD_SHOE_SIZE: '44' };
    const { config, problems } = load(undefined, { env });
    assert.ok(config);
    assert.deepEqual(
      problems.map(({ severity, suggestion }) => [severity, suggestion]),
      [['warning', 'TENFOLD_STORE_REDIS_URLS']],
    );
  });

  it('is not misled by what Kubernetes sets for a Service of that name', () => {
    const { config, problems } = load(undefined, { env: { TENFOLD_PUBLIC_PORT: 'tcp://10.0.0.1:80' } });
    assert.deepEqual(problems, []);
    assert.equal(config?.public.port, 8080);
  });
});
