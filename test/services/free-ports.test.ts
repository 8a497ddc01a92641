// Ports for services of tests: processes that ask at once never get the same, no connection takes
// one, and each is free again once its process has ended.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { freePorts } from '../cluster/free-ports.ts';

const MODULE = new URL('../cluster/free-ports.ts', import.meta.url).href;
const EACH = 200;
/** Begins at the lowest port, as the others do, so that all want the same. */
const ASKING = `
  Math.random = () => 0;
  const { freePorts } = await import(${JSON.stringify(MODULE)});
  console.log(JSON.stringify(await freePorts(${EACH})));
  process.stdin.resume();
`;

function startAsking() {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', ASKING], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ports = once(child.stdout, 'data').then(([line]): number[] => JSON.parse(String(line)));
  const end = async () => {
    child.stdin.end();
    await once(child, 'exit');
  };
  return { ports, end };
}

describe('ports for services of tests', () => {
  it('differ between processes that ask at once and hold them without listening', async () => {
    const asking = [startAsking(), startAsking(), startAsking()];
    const ports = (await Promise.all(asking.map(({ ports }) => ports))).flat();
    assert.equal(new Set(ports).size, asking.length * EACH);
    await Promise.all(asking.map(({ end }) => end()));
  });

  it('are free again once their process has ended', async () => {
    const first = startAsking();
    const had = await first.ports;
    await first.end();
    const second = startAsking();
    const again = new Set(await second.ports);
    // Another process of this machine may have got some of them in between.
    assert.ok(had.filter(port => again.has(port)).length > EACH / 2);
    await second.end();
  });

  it('are none that the system gives to a connection or to port 0, where it keeps some', async () => {
    const range = '/proc/sys/net/ipv4/ip_local_port_range';
    const least = existsSync(range) ? Number.parseInt(readFileSync(range, 'utf8'), 10) : 49_152;
    const ports = await freePorts(EACH);
    if (least >= 20_000)
      assert.deepEqual(
        ports.filter(port => port >= least),
        [],
      );
  });

  it('are left out where a program listens still whose claim has ended', async () => {
    const first = startAsking();
    const [port = 0] = await first.ports;
    const server = createServer().listen(port, '127.0.0.1');
    await once(server, 'listening');
    await first.end();
    const second = startAsking();
    assert.ok(!(await second.ports).includes(port));
    await second.end();
    server.close();
  });
});
