// Callers of MCP behind a proxy that names them: its header fields count only with its secret, also
// where the tools of another caller call the admin API from this process.
import assert from 'node:assert/strict';
import { proxyAuthenticator } from '../../../server/admin/callers/proxy.ts';
import { fakeView } from '../../fakes/platform-view.ts';
import { AUTH } from '../running-admin.ts';
import { mcpPorts } from './mcp-port.ts';

const NAMED = { 'x-forwarded-user': 'ada', 'x-forwarded-groups': 'support' };
const LIST = { jsonrpc: '2.0', id: 1, method: 'tools/list' };

describe('the fields of a proxy at /mcp', () => {
  const start = mcpPorts();
  const behindProxy = () =>
    start(fakeView(), {
      authenticators: [
        proxyAuthenticator({
          secret: 'a secret of the proxy',
          secretHeader: 'x-tenfold-proxy-secret',
          userHeader: 'x-forwarded-user',
          groupsHeader: 'x-forwarded-groups',
          roles: [{ group: 'support', role: 'viewer' }],
        }),
      ],
    });

  it('name the caller where the proxy shows its secret', async () => {
    const { ask } = await behindProxy();
    const text = await ask('whoami', {}, { ...NAMED, 'x-tenfold-proxy-secret': 'a secret of the proxy' });
    assert.match(text, /"name":"user ada","everywhere":\["view"\]/);
  });

  it('name nobody without it, whatever address asks', async () => {
    const { post } = await behindProxy();
    assert.equal((await post(LIST, NAMED)).status, 401);
    assert.equal((await post(LIST, { ...NAMED, 'x-tenfold-proxy-secret': 'a guess' })).status, 401);
  });

  it('make nobody else of a caller with a token', async () => {
    const { ask } = await behindProxy();
    assert.match(await ask('whoami', {}, { ...NAMED, ...AUTH }), /"name":"admin token"/);
  });
});
