// docker-compose.yaml: what it sets exists, and comes to a configuration that gateways
// and workers can start with.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { loadConfig } from '../../server/config/load.ts';
import { settingsOf } from '../../server/config/settings.ts';
import { removeTempFolders, tempFolder } from '../cli/temp-folder.ts';

interface Service {
  readonly image?: string;
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string | number>>;
  readonly depends_on?: readonly string[] | Readonly<Record<string, unknown>>;
  readonly secrets?: readonly string[];
}

const file = fileURLToPath(new URL('../../docker-compose.yaml', import.meta.url));
const compose: {
  readonly services: Readonly<Record<string, Service>>;
  readonly secrets: Readonly<Record<string, unknown>>;
} = parse(readFileSync(file, 'utf8'), { merge: true });

describe('docker-compose.yaml', () => {
  const known = new Set(settingsOf().flatMap(({ variable }) => [variable, `${variable}_FILE`]));
  afterEach(removeTempFolders);

  it('names services and secrets that it has', () => {
    for (const { depends_on: needed = [], secrets = [] } of Object.values(compose.services)) {
      for (const name of Array.isArray(needed) ? needed : Object.keys(needed))
        assert.ok(name in compose.services, name);
      for (const name of secrets) assert.ok(name in compose.secrets, name);
    }
  });

  // The command alone, without a Docker that runs.
  if (spawnSync('docker', ['compose', 'version']).status === 0)
    it('is understood by docker compose', () => {
      const env = { ...process.env, TENFOLD_INTERNAL_SECRET: 'x', TENFOLD_ADMIN_TOKEN: 'y' };
      const { status, stderr } = spawnSync('docker', ['compose', '--file', file, 'config', '--quiet'], { env });
      assert.deepEqual([status, String(stderr)], [0, '']);
    });
  else process.stderr.write('\n!! docker-compose.yaml was not read by docker compose, which is not installed.\n\n');

  for (const role of ['gateway', 'worker'] as const) {
    const service = compose.services[role];

    it(`starts a ${role} with settings that exist`, () => {
      assert.equal(service?.command?.[1], role);
      const variables = Object.keys(service?.environment ?? {});
      assert.ok(variables.length > 8);
      assert.deepEqual(
        variables.filter(variable => !known.has(variable)),
        [],
      );
    });

    it(`starts a ${role} with a configuration that can be used`, () => {
      const folder = tempFolder({ 'internal-secret': 'x'.repeat(48), 'admin-token': 'y'.repeat(48) });
      const env = Object.fromEntries(
        Object.entries(service?.environment ?? {}).map(([name, value]) => [
          name,
          String(value).replace('/run/secrets', folder),
        ]),
      );
      const { config, problems } = loadConfig({ role, env, cwd: folder });
      assert.deepEqual(problems, []);
      assert.equal(config?.internal.secret, 'x'.repeat(48));
      // Compose hands the services' names to its DNS.
      const hosts = [
        config?.log.kafka?.brokers[0]?.split(':')[0],
        new URL(config?.store.redis?.urls[0] ?? '').hostname,
        new URL(config?.search.elasticsearch?.nodes[0] ?? '').hostname,
        new URL(config?.blobs.s3?.endpoint ?? '').hostname,
        new URL(config?.functions.internalUrl ?? '').hostname,
      ];
      for (const host of hosts) assert.ok(host !== undefined && host in compose.services, host);
    });
  }
});
