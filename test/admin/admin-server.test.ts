// The admin port over real HTTP: what is open, what is guarded, and what of an error it shows.
import assert from 'node:assert/strict';
import { fakeView } from '../fakes/platform-view.ts';
import { AUTH, adminPorts, TOKEN } from './running-admin.ts';

describe('admin server', () => {
  const start = adminPorts();

  describe('admin port, open endpoints', () => {
    it('answers /healthz without a token', async () => {
      const ask = await start(fakeView());
      assert.deepEqual((await ask('/healthz', {})).body, { status: 'ok' });
    });

    it('answers /readyz with 503 and the reasons as long as it is not ready', async () => {
      const reasons = ['No resources were ever valid.'];
      const ask = await start(fakeView({ readiness: () => ({ ready: false, reasons }) }));
      const answer = await ask('/readyz', {});
      assert.equal(answer.status, 503);
      assert.deepEqual(answer.body, { ready: false, reasons });
      assert.equal((await (await start(fakeView()))('/readyz', {})).status, 200);
    });

    it('answers nothing to a platform that calls on behalf of a resource', async () => {
      const ask = await start(fakeView());
      for (const path of ['/healthz', '/readyz', '/metrics', '/api/info', '/nothing']) {
        const answer = await ask(path, { ...AUTH, 'tenfold-timeout-ms': '1000' });
        assert.equal(answer.status, 403, path);
        assert.match(answer.text, /no \\"url\\" of a resource leads to/);
      }
    });

    it('answers /metrics in the format of OpenMetrics to who names it', async () => {
      const ask = await start(fakeView());
      // As Prometheus does.
      const accept = 'application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3,*/*;q=0.2';
      const answer = await ask('/metrics', { accept });
      assert.equal(answer.headers['content-type'], 'application/openmetrics-text; version=1.0.0; charset=utf-8');
      assert.match(answer.text, /# EOF\n$/);
      assert.match(String((await ask('/metrics', { accept: '*/*' })).headers['content-type']), /^text\/plain/);
    });

    it('answers /metrics in the text format of Prometheus', async () => {
      const answer = await (await start(fakeView()))('/metrics', {});
      assert.match(answer.headers['content-type'] ?? '', /^text\/plain; version=0\.0\.4/);
      assert.equal(answer.text, 'tenfold_build_info 1\n');
    });

    const inside = ['10.1.2.3:9090', '[fd00::3]:9090', 'tenfold', 'tenfold-metrics.tenfold.svc:9090', 'Admin.Example.'];
    for (const host of inside) {
      it(`tells who asks by ${host}, as probes and scrapers do, whatever there is to tell`, async () => {
        const ask = await start(fakeView());
        for (const path of ['/healthz', '/readyz', '/metrics']) assert.equal((await ask(path, { host })).status, 200);
      });
    }

    const outside: Record<string, number> = {
      'evil.example': 403,
      'EVIL.example.:9090': 403,
      'localhost.evil.example': 403,
      'tenfold.svc.evil.example': 403,
      'localhost#.evil': 400,
      'localhost:80@evil': 400,
    };
    for (const [host, status] of Object.entries(outside)) {
      it(`tells no page that came by ${host} of routes and resources (DNS rebinding)`, async () => {
        const ask = await start(fakeView());
        for (const path of ['/readyz', '/metrics', '/metrics/', '/readyz?x', '/api/info']) {
          const answer = await ask(path, { ...AUTH, host });
          assert.equal(answer.status, status, path);
          assert.match(answer.headers['content-type'] ?? '', /^application\/problem\+json/);
        }
      });
    }

    it('sends security headers and says nothing about what it is made of', async () => {
      const ask = await start(fakeView());
      for (const path of ['/healthz', '/api/info', '/nothing']) {
        const { headers } = await ask(path);
        assert.equal(headers['x-content-type-options'], 'nosniff', path);
        assert.equal(headers['x-frame-options'], 'DENY', path);
        assert.equal(headers['cache-control'], 'no-store', path);
        assert.match(headers['content-security-policy']?.toString() ?? '', /default-src 'none'/, path);
        assert.equal(headers['x-powered-by'], undefined, path);
      }
    });
  });

  describe('admin API, guard', () => {
    const refused = [
      { name: 'without a token', headers: {}, status: 401 },
      { name: 'with a wrong token', headers: { authorization: 'Bearer wrong' }, status: 401 },
      { name: 'with a part of the token', headers: { authorization: `Bearer ${TOKEN.slice(0, -1)}` }, status: 401 },
      { name: 'with more than the token', headers: { authorization: `Bearer ${TOKEN} x` }, status: 401 },
      { name: 'with another scheme', headers: { authorization: `Basic ${TOKEN}` }, status: 401 },
      { name: 'with a Host of somebody else (DNS rebinding)', headers: { ...AUTH, host: 'evil.example' }, status: 403 },
      {
        name: 'with a Host that only begins like ours',
        headers: { ...AUTH, host: 'localhost.evil.example' },
        status: 403,
      },
      { name: 'with a Host that hides another one', headers: { ...AUTH, host: 'localhost@evil.example' }, status: 400 },
      {
        name: 'from a page of another origin',
        headers: { ...AUTH, host: 'localhost', origin: 'http://evil.example' },
        status: 403,
      },
      {
        name: 'from a page of another port',
        headers: { ...AUTH, host: 'localhost:9090', origin: 'http://localhost:3000' },
        status: 403,
      },
      { name: 'from a page without an origin', headers: { ...AUTH, origin: 'null' }, status: 403 },
      { name: 'across sites', headers: { ...AUTH, 'sec-fetch-site': 'cross-site' }, status: 403 },
    ];
    for (const { name, headers, status } of refused) {
      it(`refuses a request ${name} with ${status}`, async () => {
        const answer = await (await start(fakeView()))('/api/info', headers);
        assert.equal(answer.status, status);
        assert.match(answer.headers['content-type'] ?? '', /^application\/problem\+json/);
        assert.equal(answer.headers['www-authenticate'] !== undefined, status === 401);
        assert.ok(!answer.text.includes(TOKEN));
      });
    }

    const taken = [
      { name: 'by loopback address', headers: AUTH },
      { name: 'by localhost', headers: { ...AUTH, host: 'localhost:9090' } },
      { name: 'by IPv6 loopback', headers: { ...AUTH, host: '[::1]:9090' } },
      { name: 'by an allowed name', headers: { ...AUTH, host: 'Admin.Example' } },
      {
        name: 'from a page of its own origin',
        headers: { ...AUTH, host: 'localhost:9090', origin: 'http://localhost:9090' },
      },
      { name: 'with the scheme in lower case', headers: { authorization: `bearer ${TOKEN}` } },
    ];
    for (const { name, headers } of taken) {
      it(`lets a request through ${name}`, async () => {
        assert.equal((await (await start(fakeView()))('/api/info', headers)).status, 200);
      });
    }
  });

  it('shows nothing of an error of its own, and reports it', async () => {
    const seen: unknown[] = [];
    const failure = new Error('secret detail');
    const ask = await start(fakeView({ metrics: () => Promise.reject(failure) }), error => seen.push(error));
    const answer = await ask('/metrics');
    assert.equal(answer.status, 500);
    assert.ok(!answer.text.includes('secret'));
    assert.deepEqual(seen, [failure]);
  });
});
