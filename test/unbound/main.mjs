// No method of a class loses its object, and the check finds those that did. `make test-unbound`.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findUnbound } from './unbound.mjs';

const root = join(import.meta.dirname, '../..');
const planted = join(import.meta.dirname, 'planted.ts');
const linesWith = text =>
  readFileSync(planted, 'utf8')
    .split('\n')
    .flatMap((line, at) => (line.includes(text) ? at + 1 : []));
assert.deepEqual(
  findUnbound(root, [planted]).map(each => Number(each.split(':')[1])),
  linesWith('// lost'),
);
const found = findUnbound(root).filter(each => !each.startsWith('test/unbound/planted.ts'));
assert.deepEqual(found, [], 'call these on their object, or bind them');
console.log('no method loses its object');
