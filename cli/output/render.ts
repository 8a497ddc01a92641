// Prints one answer of the admin API as JSON or YAML.
import { stringify } from 'yaml';

export function renderData(value: unknown, format: 'json' | 'yaml'): string {
  return format === 'json'
    ? JSON.stringify(value, null, 2)
    : stringify(value, { aliasDuplicateObjects: false }).trimEnd();
}
