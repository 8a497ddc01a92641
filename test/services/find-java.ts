// The JDK that services run with.
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Path of the newest java that is found, of version `least` or later. */
export function findJava(least: number): string {
  const script = fileURLToPath(new URL('find-java', import.meta.url));
  return execFileSync(script, [String(least)], { encoding: 'utf8' }).trim();
}
