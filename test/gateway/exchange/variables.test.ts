// What expressions see of a request, and that nothing of it outlives the request.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { createVariables, type VariableSource } from '../../../gateway/exchange/variables.ts';

const source: VariableSource = {
  head: { method: 'GET', path: '/a', query: '?b=1&b=2&c', host: 'shop.example', fields: ['cookie', 'd=e', 'x', 'y'] },
  params: { id: '7' },
  claims: { sub: 'ada' },
  consumer: undefined,
  parsedBody: [1],
};

describe('variables of a request', () => {
  it('have everything as members of their own, so that they can be read, copied and compared', () => {
    const variables = createVariables(source);
    assert.deepEqual(Object.keys(variables).sort(), ['claims', 'consumer', 'params', 'request']);
    const { request, params, claims, consumer } = { ...variables };
    assert.deepEqual([params, claims, consumer], [{ id: '7' }, { sub: 'ada' }, '']);
    assert.deepEqual(JSON.parse(JSON.stringify(request)), {
      method: 'GET',
      path: '/a',
      host: 'shop.example',
      params: { id: '7' },
      headers: { cookie: 'd=e', x: 'y' },
      query: { b: '1, 2', c: '' },
      cookies: { d: 'e' },
      body: [1],
    });
    assert.equal(variables.request, request);
    assert.equal(variables.request.headers, request.headers);
  });

  it('see claims, consumer and body that are found out later', () => {
    const later = { ...source, claims: undefined, consumer: undefined, parsedBody: undefined };
    const variables = createVariables(later);
    assert.deepEqual([variables.claims, variables.consumer, variables.request.body], [{}, '', null]);
    Object.assign(later, { claims: { sub: 'bob' }, consumer: 'bob', parsedBody: 1 });
    assert.deepEqual([variables.claims, variables.consumer, variables.request.body], [{ sub: 'bob' }, 'bob', 1]);
  });

  it('are free as soon as nobody holds them: one does not keep the next alive', () => {
    // In a process of its own: here the heap holds what all other tests have left.
    const script = join(import.meta.dirname, 'variables-memory.ts');
    const flags = ['--conditions=tenfold-source', '--disable-warning=ExperimentalWarning'];
    const bytes = Number(execFileSync(process.execPath, [...flags, script], { encoding: 'utf8', timeout: 30_000 }));
    // The collector takes its steps when it likes; kept alive, all of them would be there.
    assert.ok(bytes < 16e6, `${bytes} bytes of 48 MB were kept`);
  });
});
