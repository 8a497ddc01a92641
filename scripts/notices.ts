// The licences of packages whose code is bundled: nearly all ask that their text goes wherever
// their code does.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './bundle.ts';

/** The name of the file, at the root of what ships. */
export const NOTICES = 'THIRD-PARTY.txt';

/** Names of packages, from paths of files that were bundled. */
export function packagesOf(inputs: readonly string[]): string[] {
  return inputs.flatMap(input => /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input)?.[1] ?? []);
}

/** Throws for a package that says neither which licence it has nor its text. */
export function noticesOf(packages: Iterable<string>): string {
  const parts = [...new Set(packages)].sort().map(name => {
    const folder = join(root, 'node_modules', name);
    const { version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    const texts = readdirSync(folder)
      .filter(file => /^(licen[cs]e|copying|notice)(?!.*\.(js|ts)$)/i.test(file))
      .sort()
      .map(file => readFileSync(join(folder, file), 'utf8').trim());
    if (texts.length === 0 && typeof license !== 'string') throw new Error(`${name} says nothing of its licence.`);
    return [`${name} ${version} (${license ?? 'see below'})`, ...texts].join('\n\n');
  });
  return ['Code of these packages is part of what ships here.', ...parts, ''].join(`\n\n${'-'.repeat(80)}\n\n`);
}
