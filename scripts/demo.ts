// `npm run demo`: starts each sample application on free ports, drives it over HTTP, and checks what comes back.
import { join } from 'node:path';
import { demo as coffeeShop } from '../functions/coffee-shop/demo.ts';
import { type Platform, startPlatform } from '../server/platform.ts';

const samples = [{ folder: 'coffee-shop', patterns: [1], demo: coffeeShop }];

const say = (line: string) => process.stdout.write(`${line}\n`);

for (const { folder, patterns, demo } of samples) {
  say(`\n${folder} (pattern ${patterns.join(', ')})`);
  const platform = await startPlatform({
    directory: join(import.meta.dirname, '../functions', folder),
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
    await demo({ address: platform.addresses.public, say: line => say(`  ${line}`) });
    say('  all as it should be');
  } catch (error) {
    process.exitCode = 1;
    say(`  NOT as it should be: ${error instanceof Error ? error.message : String(error)}`);
  } finally {
    await close(platform);
  }
}

function close(platform: Platform): Promise<void> {
  return platform.close(5_000);
}
