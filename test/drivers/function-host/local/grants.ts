// What an entry of a function's permissions covers, as Node reads its flags; for tests.
import { isWithin } from '../../../../drivers/function-host/local/paths-without.ts';

export function grants(entry: string, path: string): boolean {
  return entry.endsWith('*') ? path.startsWith(entry.slice(0, -1)) : isWithin(path, entry);
}
