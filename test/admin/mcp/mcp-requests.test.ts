// The bounds of a request to /mcp: one call, no stream, and little work on the thread that serves.
import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Problem } from '../../../core/problem.ts';
import { removeTempFolders, tempFolder } from '../../cli/temp-folder.ts';
import { fakeView } from '../../fakes/platform-view.ts';
import { mcpPorts } from './mcp-port.ts';

const MODERN = '2026-07-28';

describe('a request to /mcp', () => {
  const start = mcpPorts();
  after(removeTempFolders);

  it('is one call, and no list of calls', async () => {
    const { post } = await start(fakeView());
    const call = { jsonrpc: '2.0', method: 'tools/call', params: { name: 'docs', arguments: { search: 'topic' } } };
    const answer = await post(Array.from({ length: 100 }, (_, id) => ({ ...call, id })));
    assert.equal(answer.status, 400);
    assert.match(((await answer.json()) as Problem).detail ?? '', /one call with each request.*one by one/);
  });

  it('promises no news of its list of tools, for which it has no stream', async () => {
    const { post } = await start(fakeView());
    const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'test', version: '1' } };
    const answer = await post({ jsonrpc: '2.0', id: 1, method: 'initialize', params });
    assert.match(await answer.text(), /"capabilities":\{"tools":\{"listChanged":false\}\}/);
  });

  it('opens no stream', async () => {
    const { post } = await start(fakeView());
    const meta = {
      'io.modelcontextprotocol/protocolVersion': MODERN,
      'io.modelcontextprotocol/clientInfo': { name: 'test', version: '1' },
      'io.modelcontextprotocol/clientCapabilities': {},
    };
    const params = { _meta: meta, notifications: { toolsListChanged: true } };
    const answer = await post(
      { jsonrpc: '2.0', id: 7, method: 'subscriptions/listen', params },
      {
        authorization: 'Bearer a-token-of-some-length',
        'mcp-protocol-version': MODERN,
        'mcp-method': 'subscriptions/listen',
      },
    );
    assert.match(answer.headers.get('content-type') ?? '', /^application\/json/);
    const { id, error } = (await answer.json()) as { id: number; error: { code: number; message: string } };
    assert.deepEqual([id, error.code], [7, -32_601]);
    assert.match(error.message, /has no stream/);
  });

  it('reads the documentation once', async () => {
    const docsFolder = tempFolder({ 'a.md': '# Apples\nThey are red.\n', 'b.md': '# Pears\nThey are green.\n' });
    const { ask } = await start(fakeView(), { docsFolder });
    assert.match(await ask('docs', { search: 'apples' }), /They are red/);
    writeFileSync(join(docsFolder, 'a.md'), '# Apples\nThey are blue.\n');
    rmSync(join(docsFolder, 'b.md'));
    assert.match(await ask('docs', { page: 'a.md' }), /They are red/);
    assert.match(await ask('docs', { search: 'pears' }), /They are green/);
  });

  it('looks for documentation again where there was none', async () => {
    const docsFolder = tempFolder({});
    const { ask } = await start(fakeView(), { docsFolder });
    assert.match(await ask('docs', { search: 'apples' }), /no documentation/);
    writeFileSync(join(docsFolder, 'a.md'), '# Apples\nThey are red.\n');
    assert.match(await ask('docs', { search: 'apples' }), /They are red/);
  });

  it('checks no more resources than are quickly checked, and says how many', async () => {
    const { ask } = await start(fakeView());
    assert.match(await ask('validate', { yaml: `kind: Topic\n#${'x'.repeat(50_000)}` }), /50000 characters|<=50000/);
  });
});
