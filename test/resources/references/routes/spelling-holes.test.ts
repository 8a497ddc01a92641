// Warnings of routes that other spellings of their paths get around.
import assert from 'node:assert/strict';
import { type Declared, findings } from '../check-text.ts';

const rule = 'auth: { allow: "${request.headers.x == \'y\'}" }';
const api = (name: string, more: string, ...routes: string[]): Declared => [
  'Api',
  name,
  `{ ${more} routes: [${routes.join(', ')}] }`,
];
const guarded = `{ match: { path: /admin }, to: { url: "http://shop" }, ${rule} }`;
const wide = (more = '') => `{ match: { path: "/*" }, to: { url: "http://shop" } ${more} }`;
const closed = 'path: { caseSensitive: false, trailingSlash: ignore, escapedSlash: refuse },';

const silent: Readonly<Record<string, readonly Declared[]>> = {
  'both ask for the same': [api('shop', '', guarded, wide(`, ${rule}`))],
  'the wider one asks for more': [
    api('shop', '', `{ match: { path: /open }, to: { url: "http://shop" } }`, wide(`, ${rule}`)),
  ],
  'the wider one leads elsewhere': [api('shop', '', guarded, `{ match: { path: "/*" }, to: { url: "http://other" } }`)],
  'the Api takes the spellings for the path, and refuses the others': [api('shop', closed, guarded, wide())],
  'another method': [
    api('shop', '', guarded.replace('/admin', '/admin, method: POST'), wide().replace('"/*"', '"/*", method: GET')),
  ],
  'another host': [api('shop', 'hosts: [a.example],', guarded), api('other', 'hosts: [b.example],', wide())],
  'nothing wider': [api('shop', '', guarded)],
  'a topic, which looks at no path': [
    ['Topic', 'created', '{}'],
    api(
      'shop',
      '',
      guarded.replace('url: "http://shop"', 'topic: created'),
      wide().replace('url: "http://shop"', 'topic: created'),
    ),
  ],
};

describe('a stricter route beside a wider one to the same target', () => {
  it('is named with the spellings that get around it, and with what to set', () => {
    const [found, ...more] = findings([api('shop', '', guarded, wide())]);
    assert.deepEqual(more, []);
    assert.match(
      found ?? '',
      /^spec\.routes\[0\]\.match\.path \| Many servers take \/Admin, \/admiN, \/admin\/, \/admin%2F/,
    );
    assert.match(
      found ?? '',
      /takes spec\.routes\[1\]\.match\.path of the Api "shop" \(app\.yaml:\d+\) to the same target/,
    );
    assert.match(
      found ?? '',
      /Set spec\.path\.caseSensitive: false, spec\.path\.trailingSlash: ignore, spec\.path\.escapedSlash: refuse; or let/,
    );
  });

  it('is named where the wider one is the rest of a Strangler, or a route of another Api', () => {
    const strangler: Declared = ['Strangler', 'old', '{ legacy: { url: "http://shop" } }'];
    assert.match(findings([api('shop', '', guarded), strangler])[0] ?? '', /spec\.basePath of the Strangler "old"/);
    assert.match(
      findings([api('shop', 'hosts: [a.example],', guarded), api('other', '', wide())])[0] ?? '',
      /of the Api "other"/,
    );
  });

  it('is named for each thing that the wider one does not ask for', () => {
    const auth = 'auth: { jwt: { issuer: i, audience: a } },';
    assert.equal(findings([api('shop', auth, guarded, wide())]).length, 1);
    assert.equal(
      findings([api('shop', auth, guarded.replace(`, ${rule}`, ''), wide(', auth: { required: false }'))]).length,
      1,
    );
    assert.equal(
      findings([
        api('shop', auth, guarded.replace('/admin', '/admin, consumers: [a]').replace(`, ${rule}`, ''), wide()),
      ]).length,
      1,
    );
  });

  for (const [name, declared] of Object.entries(silent)) {
    it(`is not named: ${name}`, () => assert.deepEqual(findings(declared), []));
  }

  it('is not told apart by case where one of two routes takes either: they collide', () => {
    const one = api('one', 'path: { caseSensitive: false },', '{ match: { path: /items }, to: { url: "http://a" } }');
    const other = api('other', '', '{ match: { path: /Items }, to: { url: "http://b" } }');
    assert.equal(findings([one, other]).filter(each => each.includes('equal precedence')).length, 2);
    assert.deepEqual(findings([api('one', '', '{ match: { path: /items }, to: { url: "http://a" } }'), other]), []);
  });
});
