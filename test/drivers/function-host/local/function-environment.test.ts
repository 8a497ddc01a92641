// The variables of a function: what is not on the list is not passed on, whatever it is called.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { FunctionDefinition } from '../../../../drivers/function-host/function-host.ts';
import {
  functionEnvironment,
  isReservedVariable,
} from '../../../../drivers/function-host/local/function-environment.ts';

const definition: FunctionDefinition = {
  name: 'orders',
  namespace: 'default',
  run: { by: 'source', file: '/app/orders.ts' },
  concurrency: 10,
  minInstances: 0,
  maxInstances: 1,
  timeoutMs: 1000,
  maxBodyBytes: 1024,
  idleMs: 1000,
  env: { MODE: 'of the Function', TZ: 'Asia/Tokyo' },
};
const bare = Object.keys(functionEnvironment(definition, { own: {}, passed: [], told: {} }));

describe('the variables of a function', () => {
  it('are harmless ones, those passed on by name, what it is told, and its own before all', () => {
    const own = {
      PATH: '/bin',
      TZ: 'UTC',
      LC_ALL: 'C',
      AWS_SECRET_ACCESS_KEY: 'x',
      HTTPS_PROXY: 'p',
      MODE: 'of the shell',
    };
    const env = functionEnvironment(definition, {
      own,
      passed: ['HTTPS_PROXY', 'MODE'],
      told: { TENFOLD_INTERNAL_KEY: 'k' },
    });
    assert.partialDeepStrictEqual(env, {
      ...{ PATH: '/bin', TZ: 'Asia/Tokyo', LC_ALL: 'C', HTTPS_PROXY: 'p', MODE: 'of the Function' },
      TENFOLD_INTERNAL_KEY: 'k',
    });
    assert.ok(!('AWS_SECRET_ACCESS_KEY' in env));
  });

  it('have none that could hold a secret, unless it is passed on by name', () => {
    const part = fc.constantFrom(
      'AWS',
      'SECRET',
      'TOKEN',
      'KEY',
      'NPM',
      'PASSWORD',
      'DATABASE_URL',
      'HTTP_PROXY',
      'NODE',
      'TENFOLD',
    );
    const name = fc.oneof(
      fc.string(),
      fc.array(part, { minLength: 1, maxLength: 4 }).map(parts => parts.join('_')),
    );
    fc.assert(
      fc.property(name, name, (one, passed) => {
        fc.pre(!/^(LC_|PATH$|HOME$|USER$|TZ$|TERM$|LANG$|SHELL$)/.test(one));
        const env = functionEnvironment(definition, {
          own: { [one]: 'secret', [passed]: 'passed' },
          passed: [passed],
          told: {},
        });
        const given = Object.keys(env).filter(key => !bare.includes(key));
        assert.deepEqual(given, isReservedVariable(passed) || bare.includes(passed) ? [] : [passed]);
      }),
      { examples: [['SECRET', '__proto__']] },
    );
  });

  it('of the platform and of Node are passed on by no name', () => {
    for (const name of ['TENFOLD_ADMIN_TOKEN', 'NODE_OPTIONS', 'PORT']) {
      const env = functionEnvironment(definition, { own: { [name]: 'theirs' }, passed: [name], told: {} });
      assert.notEqual(env[name], 'theirs');
    }
  });
});
