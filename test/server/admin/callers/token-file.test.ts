// The file of tokens for the admin API: whom it lets in, and what happens when it changes.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tokenFileAuthenticator } from '../../../../server/admin/callers/token-file.ts';
import type { GatewayLogEntry } from '../../../../server/platform-events.ts';

describe('file of tokens', () => {
  let folder: string;
  let file: string;
  let now: number;
  let logged: GatewayLogEntry[];

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tenfold-tokens-'));
    file = join(folder, 'tokens.yaml');
    now = 0;
    logged = [];
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const hash = (token: string) => createHash('sha256').update(token).digest('hex');
  const write = (...tokens: object[]) => {
    writeFileSync(`${file}.new`, JSON.stringify({ tokens }));
    renameSync(`${file}.new`, file);
  };
  let trouble: () => string | undefined;
  const open = () => {
    const authenticator = tokenFileAuthenticator({
      world: { monotonic: () => now },
      file,
      log: entry => logged.push(entry),
    });
    const request = { headers: {}, socket: {} } as never;
    trouble = () => authenticator.trouble?.();
    return (token: string | undefined) => authenticator.identify({ token, request });
  };
  const ci = { name: 'ci', role: 'operator', namespaces: ['shop'], sha256: hash('secret-of-ci') };

  it('gives each token its role in its namespaces', async () => {
    write(ci, { name: 'wall', role: 'viewer', sha256: [hash('old'), hash('new').toUpperCase()] });
    const find = open();
    const caller = await find('secret-of-ci');
    assert.equal(caller?.name, 'token ci');
    assert.deepEqual(
      [
        caller?.may('operate', 'shop'),
        caller?.may('administer', 'shop'),
        caller?.may('view', 'till'),
        caller?.may('view', undefined),
      ],
      [true, false, false, false],
    );
    for (const token of ['old', 'new']) {
      const wall = await find(token);
      assert.deepEqual(
        [wall?.name, wall?.may('view', undefined), wall?.may('operate', 'shop')],
        ['token wall', true, false],
      );
    }
    for (const token of ['', 'other', hash('secret-of-ci'), undefined]) assert.equal(await find(token), undefined);
  });

  it('is read again when it changes', async () => {
    write(ci);
    const find = open();
    write({ ...ci, sha256: hash('another') });
    assert.ok(await find('secret-of-ci'), 'not looked at so soon again');
    now += 500;
    assert.equal(await find('secret-of-ci'), undefined);
    assert.equal((await find('another'))?.name, 'token ci');
    assert.deepEqual(
      logged.map(({ level }) => level),
      ['info'],
    );
  });

  for (const [name, spoil] of Object.entries({
    'that is no YAML': () => writeFileSync(file, '{ tokens: [secret-of-ci'),
    'with a token itself': () => write({ ...ci, sha256: 'secret-of-ci' }),
    'that is away': () => rmSync(file),
  })) {
    it(`lets nobody in while it is a file ${name}, and says so once`, async () => {
      write(ci);
      const find = open();
      spoil();
      now += 500;
      assert.equal(await find('secret-of-ci'), undefined);
      now += 500;
      assert.equal(await find('secret-of-ci'), undefined);
      assert.deepEqual(
        logged.map(({ level }) => level),
        ['error'],
      );
      assert.ok(!JSON.stringify(logged).includes('secret-of-ci'));
      assert.match(trouble() ?? '', /^The file of tokens .+ cannot be used: /);
      assert.ok(!trouble()?.includes('secret-of-ci'));
      write(ci);
      now += 500;
      assert.equal(trouble(), undefined, 'also where nobody has shown a token since');
      assert.ok(await find('secret-of-ci'));
    });
  }

  for (const [name, tokens, message] of [
    ['a role that is none', [{ ...ci, role: 'root' }], /tokens\.0\.role: This must be one of viewer, operator, admin/],
    ['a member that is not known', [{ ...ci, token: 'x' }], /token/],
    ['no namespaces at all', [{ ...ci, namespaces: [] }], /tokens\.0\.namespaces/],
    ['one token for two', [ci, { ...ci, name: 'other' }], /two entries have the token of "other"/],
  ] as const) {
    it(`keeps a platform from starting with ${name}`, () => {
      write(...tokens);
      assert.throws(open, message);
    });
  }
});
