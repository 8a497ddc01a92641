// Comparison of XML and HTML by their structure: what is equal, where a difference is, and
// documents that are made to be slow.
import assert from 'node:assert/strict';
import { compareAnswers } from '../../../../gateway/strangler/compare/compare-answers.ts';
import { compilePlaces } from '../../../../gateway/strangler/compare/ignored-places.ts';
import { computingMs } from '../../../computing-ms.ts';

const settings = (pointers: string[] = []) => ({
  status: true,
  body: 'auto' as const,
  headers: [],
  places: compilePlaces(pointers),
  tolerance: undefined,
  normalize: undefined,
});

const answer = (body: string, headers: Record<string, string>) => ({
  status: 200,
  fields: Object.entries(headers).flat(),
  body: Buffer.from(body),
});

describe('XML and HTML', () => {
  const found = (type: string, legacy: string, fresh: string, pointers: string[] = []) => {
    const of = (body: string) => answer(body, { 'content-type': type });
    return [...compareAnswers(of(legacy), of(fresh), settings(pointers)).places.keys()];
  };
  const rows: { name: string; type: string; legacy: string; fresh: string; ignore?: string[]; at: string[] }[] = [
    {
      name: 'blanks, comments and quotes',
      type: 'text/xml',
      legacy: '<a b="1" c="2"><d/></a>',
      fresh: "<?xml version='1.0'?>\n<a c='2' b='1'>\n<!-- x --> <d></d>\n</a>",
      at: [],
    },
    {
      name: 'entities and CDATA',
      type: 'text/xml',
      legacy: '<a>&lt;&#65;&amp;</a>',
      fresh: '<a><![CDATA[<A&]]></a>',
      at: [],
    },
    {
      name: 'a text',
      type: 'application/xml',
      legacy: '<order><total>1</total></order>',
      fresh: '<order><total>2</total></order>',
      at: ['/order/total'],
    },
    { name: 'an attribute', type: 'application/soap+xml', legacy: '<o id="1"/>', fresh: '<o id="2"/>', at: ['/o/@id'] },
    {
      name: 'a missing element',
      type: 'text/xml',
      legacy: '<o><i/><i/></o>',
      fresh: '<o><i/></o>',
      at: ['/o', '/o/i/-'],
    },
    { name: 'another root', type: 'text/xml', legacy: '<o/>', fresh: '<WRONG>x</WRONG>', at: ['/o/-', '/WRONG/-'] },
    { name: 'another order', type: 'text/xml', legacy: '<o><a/><b/></o>', fresh: '<o><b/><a/></o>', at: ['/o/-'] },
    {
      name: 'ignored places',
      type: 'text/xml',
      legacy: '<o at="1"><t>1</t><i/></o>',
      fresh: '<o at="2"><t>2</t></o>',
      ignore: ['/o/@at', '/o/t', '/o/i'],
      at: ['/o'],
    },
    {
      name: 'what is not well-formed, as text',
      type: 'text/xml',
      legacy: '<a><b></a>',
      fresh: '<a><b></c>',
      at: ['body line 1'],
    },
    { name: 'what is well-formed and what is not', type: 'text/xml', legacy: '<a/>', fresh: '<a>', at: ['body'] },
    {
      name: 'entities of its own, as text',
      type: 'text/xml',
      legacy: '<!DOCTYPE a [<!ENTITY x "1">]><a>&x;</a>',
      fresh: '<!DOCTYPE a [<!ENTITY x "2">]><a>&x;</a>',
      at: ['body line 1'],
    },
    {
      name: 'a page',
      type: 'text/html; charset=utf-8',
      legacy: '<!doctype html><P>a<br>b<p>c',
      fresh: '<!DOCTYPE html><p>a<BR/>b</p><p>c</p>',
      at: [],
    },
    {
      name: 'a field of a form by its name',
      type: 'text/html',
      legacy: '<form><input name=csrf value=a><input name=n value=1></form>',
      fresh: '<form><input name=csrf value=b><input name=n value=1></form>',
      at: ['/form/input[name=csrf]/@value'],
    },
    {
      name: 'a script',
      type: 'text/html',
      legacy: '<script>if (a < b) x("</p>")</script>',
      fresh: '<script>if (a < c) x("</p>")</script>',
      at: ['/script'],
    },
  ];
  for (const { name, type, legacy, fresh, ignore, at } of rows) {
    it(`${name}: ${at.length === 0 ? 'equal' : at.join(', ')}`, () => {
      assert.deepEqual(found(type, legacy, fresh, ignore), at);
    });
  }

  it('in another charset are the same', () => {
    const legacy = {
      ...answer('', { 'content-type': 'text/xml' }),
      body: Buffer.from("<?xml version='1.0' encoding='ISO-8859-1'?><a>\u00e9</a>", 'latin1'),
    };
    const fresh = answer('<a>\u00e9</a>', { 'content-type': 'text/xml' });
    assert.equal(compareAnswers(legacy, fresh, settings()).places.size, 0);
  });

  const hostile = [
    '<a>',
    '<a "',
    `<a "'`,
    '<!--',
    '<![CDATA[',
    '</a>',
    '<script>',
    '<p>',
    '<a x=',
    '&#x',
    '<a><!',
    '<a',
  ];
  for (const part of hostile) {
    it(`are read in linear time, though made of ${part}`, () => {
      const text = part.repeat(Math.ceil(256_000 / part.length));
      const spent = computingMs(() => {
        found('text/html', text, `${text}x`);
        found('text/xml', text, `${text}x`);
      });
      assert.ok(spent < 3000, `${spent} ms`);
    });
  }
});
