// Whose a port is, as /proc says it.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { portOwner } from '../../../cli/application/port-owner.ts';
import { removeTempFolders, tempFolder } from '../temp-folder.ts';

const HEAD = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n';
const row = (address: string, port: number, state: string, inode: number) =>
  `   0: ${address}:${port.toString(16).toUpperCase().padStart(4, '0')} 00000000:0000 ${state} 00000000:00000000 00:00000000 00000000  1000        0 ${inode} 1 x 100 0 0 10 0\n`;

/** A /proc of values: processes by pid, each with its command and the links of its files. */
function procOf(
  tables: Record<string, string>,
  processes: Record<string, { command: string; links: string[] }>,
): string {
  const proc = tempFolder({ uptime: '1' });
  mkdirSync(join(proc, 'net'));
  for (const [name, text] of Object.entries(tables)) writeFileSync(join(proc, 'net', name), HEAD + text);
  for (const [pid, { command, links }] of Object.entries(processes)) {
    mkdirSync(join(proc, pid, 'fd'), { recursive: true });
    writeFileSync(join(proc, pid, 'cmdline'), command);
    for (const [fd, link] of links.entries()) symlinkSync(link, join(proc, pid, 'fd', String(fd)));
  }
  return proc;
}

describe('portOwner', () => {
  afterEach(removeTempFolders);

  it('names the process that listens, over IPv4 and IPv6', () => {
    const processes = {
      7: { command: 'sleep\x001\x00', links: ['/dev/null', 'socket:[99]'] },
      42: { command: '/usr/bin/node\0main.js\0dev\0', links: ['socket:[1]', 'socket:[2]', 'socket:[3]'] },
    };
    for (const table of ['tcp', 'tcp6']) {
      const proc = procOf({ [table]: row('00000000000000000000000001000000', 8080, '0A', 3) }, processes);
      assert.deepEqual(portOwner({ port: 8080 }, proc), {
        pid: 42,
        program: 'node',
        command: '/usr/bin/node main.js dev',
      });
      assert.equal(portOwner({ port: 8081 }, proc), undefined);
    }
  });

  it('takes no connection for a listener', () => {
    const proc = procOf({ tcp: row('0100007F', 8080, '01', 3) }, { 42: { command: 'curl', links: ['socket:[3]'] } });
    assert.equal(portOwner({ port: 8080 }, proc), undefined);
  });

  it('names who listens at the same address, or at all of them', () => {
    const processes = {
      7: { command: 'other', links: ['socket:[3]'] },
      42: { command: 'ours', links: ['socket:[4]'] },
    };
    const named = (tcp: string, tcp6: string, address: string) =>
      portOwner({ port: 8080, address }, procOf({ tcp, tcp6 }, processes))?.command;
    const at = (host: string, inode: number) => row(host, 8080, '0A', inode);
    const both = at('0200007F', 3) + at('0100007F', 4);
    assert.equal(named(both, '', '127.0.0.1'), 'ours');
    assert.equal(named(at('0200007F', 3), '', '127.0.0.1'), undefined);
    for (const all of ['0.0.0.0', '::']) assert.equal(named(at('0200007F', 3), '', all), 'other');
    assert.equal(named(at('00000000', 4), '', '127.0.0.1'), 'ours');
    assert.equal(named('', at('0'.repeat(32), 4), '127.0.0.1'), 'ours');
    assert.equal(named('', at('0000000000000000FFFF00000100007F', 4), '127.0.0.1'), 'ours');
    assert.equal(named('', at(`${'0'.repeat(24)}01000000`, 4), '::1'), 'ours');
    assert.equal(named('', at(`${'0'.repeat(24)}02000000`, 4), '::1'), undefined);
  });

  it('says nothing where the system does not', () => {
    const proc = procOf({ tcp: row('0100007F', 8080, '0A', 3) }, {});
    assert.equal(portOwner({ port: 8080 }, proc), undefined);
    assert.equal(portOwner({ port: 8080 }, join(proc, 'gone')), undefined);
  });

  it('cuts a long command', () => {
    const processes = { 42: { command: 'x'.repeat(500), links: ['socket:[3]'] } };
    const proc = procOf({ tcp: row('0100007F', 8080, '0A', 3) }, processes);
    assert.match(portOwner({ port: 8080 }, proc)?.command ?? '', /^x{119}…$/);
  });

  it('finds this process on a real system that has /proc', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    assert.equal(portOwner({ port })?.pid, process.pid);
    server.close();
    await once(server, 'close');
    assert.equal(portOwner({ port }), undefined);
  });
});
