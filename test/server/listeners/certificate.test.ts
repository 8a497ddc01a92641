// The certificate's files: followed by what is in them, and a pair that
// does not fit changes nothing.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Certificate } from '../../../gateway/listeners/listener-server.ts';
import { followCertificate, readCertificate } from '../../../server/listeners/certificate.ts';
import type { GatewayLogEntry } from '../../../server/platform-events.ts';
import { removeTempFolders, tempFolder } from '../../cli/temp-folder.ts';
import { createFakeWorld } from '../../fakes/fake-world.ts';
import { first, second } from '../../fixtures/tls/certificates.ts';

const LOOK_MS = 10_000;

describe('the files of a certificate', () => {
  afterEach(removeTempFolders);

  function setUp() {
    const folder = tempFolder({ 'a.crt': first.cert, 'a.key': first.key });
    const files = { cert: join(folder, 'a.crt'), key: join(folder, 'a.key') };
    const world = createFakeWorld();
    const renewed: Certificate[] = [];
    const logged: GatewayLogEntry[] = [];
    const followed = followCertificate(
      world,
      files,
      readCertificate(files),
      certificate => renewed.push(certificate),
      entry => logged.push(entry),
    );
    return { files, world, renewed, logged, followed };
  }

  it('are not renewed while they hold the same', async () => {
    const { files, world, renewed, logged } = setUp();
    writeFileSync(files.cert, first.cert);
    await world.pass(3 * LOOK_MS);
    assert.deepEqual([renewed, logged], [[], []]);
  });

  it('are renewed once when both have changed', async () => {
    const { files, world, renewed, logged } = setUp();
    writeFileSync(files.cert, second.cert);
    writeFileSync(files.key, second.key);
    await world.pass(3 * LOOK_MS);
    assert.deepEqual(renewed, [{ cert: second.cert, key: second.key }]);
    assert.deepEqual(
      logged.map(({ level }) => level),
      ['info'],
    );
  });

  it('that do not belong together are told once and not used, until they do', async () => {
    const { files, world, renewed, logged } = setUp();
    writeFileSync(files.cert, second.cert);
    await world.pass(3 * LOOK_MS);
    assert.deepEqual(renewed, []);
    assert.deepEqual(
      logged.map(({ level }) => level),
      ['error'],
    );
    writeFileSync(files.key, second.key);
    await world.pass(LOOK_MS);
    assert.equal(renewed.length, 1);
  });

  it('are left alone after the end', async () => {
    const { files, world, renewed, followed } = setUp();
    followed.close();
    writeFileSync(files.cert, second.cert);
    writeFileSync(files.key, second.key);
    await world.pass(LOOK_MS);
    assert.deepEqual(renewed, []);
  });
});
