// What is said when a port cannot be listened on.
import assert from 'node:assert/strict';
import { listenError } from '../../../cli/application/listen-error.ts';

const ports = { public: 8080, internal: 8081, admin: 9090 };

function systemError(code: string, port?: number): Error {
  return Object.assign(new Error(`listen ${code}`), {
    code,
    syscall: 'listen',
    ...(port === undefined ? {} : { port }),
  });
}

describe('error while listening', () => {
  const rows = [
    {
      name: 'the public port is taken',
      error: systemError('EADDRINUSE', 8080),
      message: 'The public port 8080 is in use by another program.',
      hint: /--port PORT/,
    },
    {
      name: 'the internal port is taken',
      error: systemError('EADDRINUSE', 8081),
      message: 'The internal port 8081 is in use by another program.',
      hint: /--internal-port PORT/,
    },
    {
      name: 'the admin port is taken',
      error: systemError('EADDRINUSE', 9090),
      message: 'The admin port 9090 is in use by another program.',
      hint: /--admin-port 0 takes any free one/,
    },
    {
      name: 'it stands in a cause',
      error: new Error('no', { cause: systemError('EADDRINUSE', 9090) }),
      message: 'The admin port 9090 is in use by another program.',
      hint: /./,
    },
    {
      name: 'the port is privileged',
      error: systemError('EACCES', 80),
      message: 'The port 80 needs rights that this user does not have.',
      hint: /above 1023/,
    },
    {
      name: 'the address is not here',
      error: systemError('EADDRNOTAVAIL'),
      message: 'The address to listen on is none of this machine.',
      hint: /--host/,
    },
  ];
  for (const { name, error, message, hint } of rows) {
    it(`names port, listener and option when ${name}`, () => {
      const found = listenError(error, ports, [], { ownerOf: () => undefined });
      assert.equal(found?.message, message);
      assert.match(found.hint ?? '', hint);
    });
  }

  it('says whose the port is, where the system tells it', () => {
    const owner = { pid: 42, program: 'node', command: 'node main.js dev\u001b[2J' };
    const ownerOf = () => owner;
    const all = { showsCommand: true, ownerOf };
    const taken = listenError(systemError('EADDRINUSE', 8080), ports, [], all);
    assert.equal(taken?.message, 'The public port 8080 is in use by process 42 (node main.js dev).');
    const program = listenError(systemError('EADDRINUSE', 8080), ports, [], { ownerOf });
    assert.equal(program?.message, 'The public port 8080 is in use by process 42 (node).');
    const team = listenError(systemError('EADDRINUSE', 7), ports, [{ name: 'team', port: 7 }], { ownerOf });
    assert.match(team?.message ?? '', /port 7 of the listener "team" is in use by process 42 \(node\)/);
    const nameless = { ownerOf: () => ({ pid: 42, program: '', command: '' }) };
    assert.match(
      listenError(systemError('EADDRINUSE', 8080), ports, [], nameless)?.message ?? '',
      /in use by process 42\.$/,
    );
  });

  it('asks for the address that is taken', () => {
    const asked: unknown[] = [];
    const ownerOf = (place: unknown) => void asked.push(place);
    listenError(Object.assign(systemError('EADDRINUSE', 8080), { address: '127.0.0.1' }), ports, [], { ownerOf });
    assert.deepEqual(asked, [{ port: 8080, address: '127.0.0.1' }]);
  });

  it('is left alone when it is another one', () => {
    assert.equal(listenError(new Error('boom'), ports), undefined);
    assert.equal(listenError(Object.assign(new Error('no'), { code: 'ENOENT', syscall: 'open' }), ports), undefined);
  });
});
