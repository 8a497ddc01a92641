// Redis over TLS: encrypted, and only to a server that can show who it is.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { rejectsWith, text } from '../../../contract/store/subject.ts';
import { redis } from '../../../services/redis.ts';
import { findService } from '../../../services/service.ts';
import { HOUR, redisCases } from './redis-cases.ts';

const fixture = (name: string) => fileURLToPath(new URL(`../../../fixtures/tls/${name}`, import.meta.url));

if (findService(redis))
  describe('Redis over TLS', () => {
    const cases = redisCases();

    it('is used when the authority is known, and refused when it is not', async () => {
      const server = await cases.redis({
        'tls-port': '0',
        'tls-cert-file': fixture('first.crt'),
        'tls-key-file': fixture('first.key'),
        'tls-ca-cert-file': fixture('first.crt'),
        'tls-auth-clients': 'no',
      });
      const [port = 0] = await cases.ports(1);
      await cases.command(server, 'CONFIG', 'SET', 'tls-port', String(port));
      const urls = [`rediss://localhost:${port}`];
      const ca = readFileSync(fixture('first.crt'), 'utf8');
      const store = await cases.store('', { connection: { urls, tls: { ca } } });
      assert.ok((await store.put('s', 'k', 'secret', { ttlMs: HOUR })).written);
      assert.equal(text((await store.get('s', 'k'))?.value), 'secret');
      await rejectsWith('store-unavailable', cases.store('', { connection: { urls }, requestTimeoutMs: 400 }));
      const plain = { connection: { urls: [`redis://localhost:${port}`] }, requestTimeoutMs: 400 };
      await rejectsWith('store-unavailable', cases.store('', plain));
    });
  });
