// `npm run demo`: starts each sample application on free ports, drives it over HTTP, and checks what comes back.
import { join } from 'node:path';
import { demo as coffeeShop } from '../functions/coffee-shop/demo.ts';
import { demo as legacyMigration } from '../functions/legacy-migration/demo.ts';
import { prepare as prepareLegacy } from '../functions/legacy-migration/prepare.ts';
import { type Platform, startPlatform } from '../server/platform.ts';

interface Sample {
  readonly folder: string;
  readonly patterns: readonly number[];
  /** For what has to run beside the platform; gives the folder of the application to run. */
  readonly prepare?: () => Promise<{ readonly directory: string; close(): Promise<void> }>;
  readonly demo: (options: {
    readonly address: string;
    readonly admin: { readonly url: string; readonly token: string };
    say(line: string): void;
  }) => Promise<void>;
}

const samples: readonly Sample[] = [
  { folder: 'coffee-shop', patterns: [1], demo: coffeeShop },
  { folder: 'legacy-migration', patterns: [6], prepare: prepareLegacy, demo: legacyMigration },
];

const say = (line: string) => process.stdout.write(`${line}\n`);

for (const { folder, patterns, prepare, demo } of samples) {
  say(`\n${folder} (pattern ${patterns.join(', ')})`);
  const prepared = await prepare?.();
  const platform = await startPlatform({
    directory: prepared?.directory ?? join(import.meta.dirname, '../functions', folder),
    watch: false,
    host: '127.0.0.1',
    ports: { public: 0, internal: 0, admin: 0 },
    events: {
      refused: problems =>
        say(problems.map(problem => `  ${problem.file}:${problem.line} ${problem.message}`).join('\n')),
      functionFailed: ({ name, message }) => say(`  ${name}: ${message}`),
    },
  });
  try {
    const admin = { url: platform.addresses.admin, token: platform.adminToken };
    await demo({ address: platform.addresses.public, admin, say: line => say(`  ${line}`) });
    say('  all as it should be');
  } catch (error) {
    process.exitCode = 1;
    say(`  NOT as it should be: ${error instanceof Error ? error.message : String(error)}`);
  } finally {
    await close(platform);
    await prepared?.close();
  }
}

function close(platform: Platform): Promise<void> {
  return platform.close(5_000);
}
