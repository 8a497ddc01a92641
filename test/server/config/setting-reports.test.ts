// What the admin API tells of a configuration: each value with where it is from, and no secret.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SettingReport } from '../../../admin/settings/settings-view.ts';
import { loadConfig } from '../../../server/config/load.ts';
import { settingReports } from '../../../server/config/setting-reports.ts';
import { removeTempFolders, tempFolder } from '../../cli/temp-folder.ts';

const SECRET = 'a-secret-that-is-long-enough';

describe('the settings that the admin API lists', () => {
  afterEach(removeTempFolders);

  const reports = (text: string, env: Readonly<Record<string, string>> = {}, port = 8181) => {
    const folder = tempFolder();
    const file = join(folder, 'tenfold.yaml');
    writeFileSync(file, text);
    const options = [{ path: 'public.port', value: port, option: '--port' }];
    const items = settingReports(loadConfig({ role: 'serve', file, env, cwd: folder, options }));
    const get = (name: string): SettingReport => items.find(each => each.name === name) ?? assert.fail(name);
    return { file, items, get };
  };

  it('say what the command line, a variable, the file and a default set, and what is not set', () => {
    const { file, get } = reports('drain: 25s\nhost: 0.0.0.0\n', { TENFOLD_HOST: '127.0.0.2' });
    const of = (name: string) => {
      const { value, origin, from } = get(name);
      return [value, origin, from];
    };
    assert.deepEqual(of('public.port'), [8181, 'option', '--port']);
    assert.deepEqual(of('host'), ['127.0.0.2', 'variable', 'TENFOLD_HOST']);
    assert.deepEqual(of('drain'), ['25s', 'file', `${file}:1:8`]);
    assert.deepEqual(of('admin.port'), [9090, 'default', undefined]);
    assert.deepEqual(of('data'), [undefined, 'unset', undefined]);
    assert.match(get('drain').meaning, /in flight/);
    assert.equal(get('drain').variable, 'TENFOLD_DRAIN');
  });

  it('have the place of a secret and never the secret', () => {
    const { items, get } = reports('internal: { secret: { env: MINE } }\n', {
      MINE: SECRET,
      TENFOLD_ADMIN_TOKEN: SECRET,
    });
    assert.deepEqual(get('internal.secret').value, { env: 'MINE' });
    assert.deepEqual(get('admin.token').value, { env: 'TENFOLD_ADMIN_TOKEN' });
    assert.equal(get('admin.token').secret, true);
    assert.ok(!JSON.stringify(items).includes(SECRET));
  });

  it('show no secret that somebody wrote where the schema knows of none', () => {
    for (const place of ['{ }', `"${SECRET}"`, `[${SECRET}]`, `{ env: MINE, value: ${SECRET} }`]) {
      const { items } = reports(`internal: { secret: ${place} }\n`);
      assert.ok(!JSON.stringify(items).includes(SECRET), place);
    }
  });

  it('hide user, password and query of an address', () => {
    const { get } = reports(
      `functions: { internalUrl: "http://ann:${SECRET}@gateway:8081/a?key=${SECRET}" }\nsearch: { elasticsearch: { nodes: ["https://x:${SECRET}@search-1:9200"] } }\n`,
    );
    assert.equal(get('functions.internalUrl').value, 'http://(hidden)@gateway:8081/a?(hidden)');
    assert.deepEqual(get('search.elasticsearch.nodes').value, ['https://(hidden)@search-1:9200']);
  });
});
