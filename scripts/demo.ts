// `npm run demo`: starts each sample application on free ports, drives it over HTTP, and checks what comes back.
import { join } from 'node:path';
import { demo as coffeeShop } from '../functions/coffee-shop/demo.ts';
import { demo as legacyMigration } from '../functions/legacy-migration/demo.ts';
import { prepare as prepareLegacy } from '../functions/legacy-migration/prepare.ts';
import { type Platform, startPlatform } from '../server/platform.ts';

interface Sample {
  readonly folder: string;
  /** What of the ten it shows. */
  readonly patterns: string;
  /** Starts what the application needs beside the platform, and names the folder to run. */
  prepare(): Promise<{ readonly directory: string; close(): Promise<void> }>;
  drive(platform: Platform, say: (line: string) => void): Promise<void>;
}

const nothing = (folder: string) => async () => ({
  directory: join(import.meta.dirname, '../functions', folder),
  async close() {},
});

const samples: readonly Sample[] = [
  {
    folder: 'coffee-shop',
    patterns: '1, 3',
    prepare: nothing('coffee-shop'),
    drive: ({ addresses }, say) => coffeeShop({ address: addresses.public, say }),
  },
  {
    folder: 'legacy-migration',
    patterns: '6',
    prepare: prepareLegacy,
    drive: ({ addresses, adminToken }, say) =>
      legacyMigration({ address: addresses.public, admin: { url: addresses.admin, token: adminToken }, say }),
  },
];

const say = (line: string) => process.stdout.write(`${line}\n`);

for (const sample of samples) {
  say(`\n${sample.folder} (pattern ${sample.patterns})`);
  try {
    await run(sample);
    say('  all as it should be');
  } catch (error) {
    process.exitCode = 1;
    say(`  NOT as it should be: ${error instanceof Error ? error.message : String(error)}`);
  }
}

async function run(sample: Sample): Promise<void> {
  const prepared = await sample.prepare();
  try {
    const platform = await startPlatform({
      directory: prepared.directory,
      watch: false,
      host: '127.0.0.1',
      ports: { public: 0, internal: 0, admin: 0 },
      events: {
        refused: problems => {
          for (const { file, line, message } of problems) say(`  ${file}:${line} ${message}`);
        },
        functionFailed: ({ name, message }) => say(`  ${name}: ${message}`),
      },
    });
    try {
      await sample.drive(platform, line => say(`  ${line}`));
    } finally {
      await platform.close(5_000);
    }
  } finally {
    await prepared.close();
  }
}
