// By which Host fields the ports for machines may be called.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { createInwardHosts, createLoopbackHosts, isHostPattern } from '../../../core/http/own-hosts.ts';

const named = ['metrics.example.com', '*.mesh.example.com'];
const isInward = createInwardHosts(named);
const isOwn = createLoopbackHosts(named);

/**
 * Host field → whether it is one of the loopback interface or named, and
 * whether it is one of the inside.
 */
const fields: Readonly<Record<string, readonly [own: boolean, inward: boolean]>> = {
  localhost: [true, true],
  'LocalHost:9090': [true, true],
  'localhost.': [true, true],
  '127.0.0.1:9090': [true, true],
  '[::1]:9090': [true, true],
  'app.localhost': [false, true],
  '10.1.2.3:9090': [false, true],
  '[fd00::3]:9090': [false, true],
  tenfold: [false, true],
  'tenfold-metrics.tenfold-system.svc:9090': [false, true],
  'TENFOLD-metrics.tenfold-system.SVC.cluster.local.': [false, true],
  'gateway-1.internal': [false, true],
  'laptop.local:9090': [false, true],
  'metrics.example.com': [true, true],
  'Metrics.Example.COM.:443': [true, true],
  'a.mesh.example.com': [true, true],
  'a.b.mesh.example.com': [false, false],
  'mesh.example.com': [false, false],
  'evil.example': [false, false],
  'localhost.evil.example': [false, false],
  '127.0.0.1.evil.example': [false, false],
  'evil.svc.example': [false, false],
  'svc.cluster.local.evil.example': [false, false],
  'evilsvc.example': [false, false],
  '.svc': [false, false],
  '.local': [false, false],
  'localhost#.evil.example': [false, false],
  'localhost:80@evil.example': [false, false],
  'localhost@evil.example': [false, false],
  'localhost/.evil.example': [false, false],
  'localhost?.evil.example': [false, false],
  'localhost\\.evil.example': [false, false],
  'localhost,evil.example': [false, false],
  'localhost evil.example': [false, false],
  'localhost:80:90': [false, false],
  'localhost:': [false, false],
  'localhost..': [false, false],
  'evil..svc': [false, false],
  '[::1].evil.example': [false, false],
  '[evil.example]': [false, false],
  '::1': [false, false],
  '': [false, false],
  ' ': [false, false],
};

describe('the hosts of a port for machines', () => {
  for (const [field, [own, inward]] of Object.entries(fields)) {
    it(`"${field}" is ${own ? '' : 'not '}its own, and ${inward ? '' : 'not '}of the inside`, () => {
      assert.equal(isOwn(field), own);
      assert.equal(isInward(field), inward);
    });
  }

  it('a request without a Host is for none', () => {
    assert.equal(isOwn(undefined), false);
    assert.equal(isInward(undefined), false);
  });

  it('no name that can be had in public is among them, in whatever spelling', () => {
    const label = fc.stringMatching(/^[a-z]([a-z0-9-]{0,8}[a-z0-9])?$/);
    const before = fc.constantFrom('', 'localhost.', 'tenfold.svc.', '127.0.0.1.', 'a.internal.', 'x.local.');
    const name = fc
      .tuple(before, label, fc.constantFrom('com', 'example', 'io', 'cluster.com', 'svc.io'))
      .map(([front, own, end]) => `${front}${own}.${end}`);
    const around = fc.constantFrom('', '.', ':80', '.:9090', ':65535');
    fc.assert(
      fc.property(name, around, fc.boolean(), (host, end, upper) => {
        const field = (upper ? host.toUpperCase() : host) + end;
        assert.equal(isInward(field), false, field);
        assert.equal(isOwn(field), false, field);
      }),
    );
  });

  it('a browser that was led to a name sends a field that is judged as that name', () => {
    const field = fc.constantFrom(...Object.keys(fields).filter(each => URL.canParse(`http://${each}`)));
    fc.assert(
      fc.property(field, each => {
        // What it would send in place of the field: the host as it reads it.
        const { host, username } = new URL(`http://${each}`);
        if (username === '' && isInward(each)) assert.equal(isInward(host), true, each);
      }),
    );
  });

  it('a list of hosts has names, names of one label less, and addresses', () => {
    for (const text of ['a', 'a.example', '*.a.example', '10.0.0.1', 'fd00::1', '_a.example'])
      assert.ok(isHostPattern(text), text);
    for (const text of ['', '*', 'A.example', 'a.example:80', 'a..b', '*.*.example', 'http://a', '10.0.0.0/8', 'a/b'])
      assert.ok(!isHostPattern(text), text);
  });
});
