// What a configuration comes to: who goes before whom, where values are from, and
// all that is wrong at once.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ConfigSources, loadConfig } from '../../../server/config/load.ts';

const SECRET = 'a-secret-that-is-long-enough';

let folder: string;

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

const files: readonly [name: string, text: string, message: RegExp][] = [
  ['is no YAML', 'a: {b: c', /^1:\d+ .*must be/],
  ['is a list', '- a', /^1:1 A configuration is an object of settings/],
  ['has two documents', 'host: a\n---\nhost: b\n', /^3:1 A configuration is one document/],
  ['names two places of a secret', 'admin: { token: { env: A, file: b } }', /^1:33 Only one of "env", "file"/],
  ['has several servers of one', 'store: { redis: { urls: [redis://a, redis://b] } }', /^1:25 Several urls are/],
  ['names no proxy', 'public: { trustedProxies: [10.0.0.0/99] }', /^1:28 "10\.0\.0\.0\/99" is no address or network/],
];

function useFolder(): void {
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tenfold-config-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));
}

describe('configuration', () => {
  useFolder();

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
});

describe('configuration with a mistake', () => {
  useFolder();

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

describe('configuration of listeners', () => {
  useFolder();

  describe('of listeners', () => {
    const two = (green: string, blue: string, more = '') =>
      `${more}listeners:\n  - { name: green, port: 8443, namespaces: [green]${green} }\n  - { ${blue} }\n`;
    const good = two(', certificate: { cert: a.crt, key: a.key }', 'name: blue, port: 8444, namespaces: [blue]');

    it('is none but the public one where nothing is said', () => {
      const { config } = load(undefined);
      assert.deepEqual([config?.listeners, config?.public.namespaces], [[], undefined]);
    });

    it('has the defaults of the public one, and paths from the folder of the file', () => {
      const { config, problems } = load(good, { cwd: '/elsewhere' });
      assert.deepEqual(problems, []);
      const [green, blue] = config?.listeners ?? [];
      assert.deepEqual(green?.certificate, { cert: join(folder, 'a.crt'), key: join(folder, 'a.key') });
      assert.deepEqual(blue?.connections, config?.public.connections);
      const listeners = JSON.stringify([{ ...blue, connections: {}, certificate: { cert: 'b.crt', key: '/b.key' } }]);
      const other = load(undefined, { cwd: '/elsewhere', env: { TENFOLD_LISTENERS: listeners } });
      assert.deepEqual(other.problems, []);
      assert.deepEqual(other.config?.listeners[0]?.certificate, { cert: '/elsewhere/b.crt', key: '/b.key' });
    });

    const wrong: readonly (readonly [name: string, text: string, ...messages: string[]])[] = [
      [
        'a name of two',
        two('', 'name: green, port: 1, namespaces: [b]'),
        '3:13 Another listener is called "green". Give each a name of its own.',
      ],
      ...['public', 'internal', 'admin', 'metrics'].map(
        name =>
          [
            `the name ${name}`,
            two('', `name: ${name}, port: 1, namespaces: [b]`),
            `3:13 No listener of its own is called "${name}": the platform has that name for another.`,
          ] as const,
      ),
      ...['Green', 'a--b', 'a-', '8a', 'a-very-long-name'].map(
        name =>
          [
            `the name ${name}`,
            two('', `name: ${name}, port: 1, namespaces: [b]`),
            '3:13 This must be a name of at most 15 lower-case letters, digits and single hyphens that begins with a letter, such as green.',
          ] as const,
      ),
      [
        'no name',
        two('', 'port: 1, namespaces: [b]'),
        '3:5 The field "name" is missing. Set listeners[1].name in the file.',
      ],
      [
        'a port of two',
        two('', 'name: blue, port: 8443, namespaces: [b]'),
        '3:25 Port 8443 is that of the listener "green" already. Give each listener a port, or an address, of its own.',
      ],
      [
        'the public port',
        two('', 'name: blue, port: 8080, namespaces: [b]'),
        '3:25 Port 8080 is that of the public listener already. Give each listener a port, or an address, of its own.',
      ],
      [
        'a port of two where one has every address',
        two(', host: 0.0.0.0', 'name: blue, port: 8443, host: 10.0.0.1, namespaces: [b]'),
        '3:25 Port 8443 is that of the listener "green" already. Give each listener a port, or an address, of its own.',
      ],
      [
        'a namespace that is not followed',
        two('', 'name: blue, port: 1, namespaces: [blue]', 'cluster: { namespaces: [green] }\n'),
        '4:41 The namespace "blue" is not followed, so there would be no route to serve. Followed are green.',
      ],
      [
        'a setting that is none',
        two(', hostnames: [a]', 'name: blue, port: 1, namespaces: [b]'),
        '2:53 There is no field "hostnames" here. Remove it.',
      ],
    ];
    for (const [name, text, ...messages] of wrong)
      it(`is refused with ${name}`, () => assert.deepEqual(told(text), messages));

    it('may have one port at two addresses, and any free port twice', () => {
      const addresses = two(', host: 127.0.0.2', 'name: blue, port: 8443, host: 127.0.0.3, namespaces: [b]');
      assert.deepEqual(told(addresses), []);
      assert.deepEqual(told(two('', 'name: blue, port: 0, namespaces: [b]').replace('8443', '0')), []);
    });
  });
});
