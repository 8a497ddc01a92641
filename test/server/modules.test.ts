// What a platform loads to start: nothing that a request to plain targets never needs, as it
// would stay in memory for good.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { resolve } from 'node:path';

const script = `
import { createRequire } from 'node:module';
import { startPlatform } from ${JSON.stringify(resolve(import.meta.dirname, '../../server/platform.ts'))};
const files = Object.keys(createRequire(import.meta.url).cache);
console.log(JSON.stringify([typeof startPlatform, [
  ...process.moduleLoadList.filter(name => name.includes('deps/undici')),
  ...files.filter(name => name.includes('/node_modules/undici/')),
]]));
`;

describe('a platform', () => {
  it('loads no client for TLS and no fetch before they are needed', () => {
    const flags = ['--conditions=tenfold-source', '--disable-warning=ExperimentalWarning', '--input-type=module'];
    const printed = execFileSync(process.execPath, [...flags, '--eval', script], { encoding: 'utf8' });
    assert.deepEqual(JSON.parse(printed), ['function', []]);
  });
});
