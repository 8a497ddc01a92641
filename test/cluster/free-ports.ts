// Finds free loopback ports for programs that cannot be told to choose one themselves.
import { createServer, type Server } from 'node:net';

/** All are held until all are found, so that they differ. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(Array.from({ length: count }, listen));
  const ports = servers.map(server => {
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('A listening socket has no port.');
    return address.port;
  });
  await Promise.all(servers.map(server => new Promise(resolve => server.close(resolve))));
  return ports;
}

function listen(): Promise<Server> {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => resolve(server));
  });
}
