// TLS failures towards a target are named as such for operators, while clients learn no more than
// before. Each row is a real handshake.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer as createHttp } from 'node:http';
import { createServer as createHttps } from 'node:https';
import type { AddressInfo } from 'node:net';
import tls from 'node:tls';
import { toRequestEntry } from '../../../server/listeners/request-entry.ts';
import { eventually } from '../../eventually.ts';
import { authority, early, expired, first, otherHost } from '../../fixtures/tls/certificates.ts';
import { serveYaml } from '../serve-yaml.ts';

const rows = [
  { name: 'of a certificate that has expired', reason: 'tls.expired', certificate: expired },
  { name: 'of a certificate that is not valid yet', reason: 'tls.not-yet-valid', certificate: early },
  { name: 'of a certificate for another host', reason: 'tls.host-name', certificate: otherHost },
  { name: 'of an issuer that nobody trusts', reason: 'tls.unknown-issuer', certificate: first },
  { name: 'of a target that speaks no TLS', reason: 'tls.handshake', certificate: undefined },
];

describe('TLS with a target', () => {
  const trusted = tls.getCACertificates('default');
  before(() => tls.setDefaultCACertificates([authority]));
  after(() => tls.setDefaultCACertificates(trusted));

  for (const { name, reason, certificate } of rows) {
    it(`${name} fails as ${reason}`, async () => {
      const server = certificate ? createHttps({ cert: certificate.cert, key: certificate.key }) : createHttp();
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      const listener = await serveYaml(`
apiVersion: tenfold.dev/v1alpha1
kind: Api
metadata: { name: shop }
spec: { routes: [ { match: { path: / }, to: { url: "https://localhost:${(server.address() as AddressInfo).port}" } } ] }
`);
      try {
        const answer = await fetch(listener.address);
        const { detail } = (await answer.json()) as { detail: string };
        await eventually(() => listener.answered.length > 0, 'the answer is reported');
        const entry = toRequestEntry(listener.answered[0] ?? assert.fail());
        assert.deepEqual([answer.status, entry.reason, entry.level], [502, reason, 'error']);
        assert.match(entry.cause ?? '', /^Url localhost:\d+ (has a certificate|does not speak TLS)/);
        assert.equal(detail, 'The service behind this route ended the connection without a complete answer.');
      } finally {
        await listener.close();
        server.closeAllConnections();
        server.close();
      }
    });
  }
});
