// The functions that are called: one notes which orders it has taken and fails now and
// then, the other one doubles.
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import type { Chance } from '../../simulation/kernel/chance.ts';

/** An order that was taken: its id, and in which life of the platform. */
export interface Taken {
  readonly id: string;
  readonly life: number;
}

export interface Functions {
  readonly url: string;
  readonly taken: readonly Taken[];
  /** Whether orders of every other key fail. */
  refuse(every: boolean): void;
  /** What is taken from now on is of another life. */
  newLife(): void;
  close(): void;
}

const FAIL_SHARE = 0.05;

export async function startFunctions(chance: Chance): Promise<Functions> {
  const taken: Taken[] = [];
  let life = 0;
  let refuses = false;
  const server = createServer((request, response) => {
    const of = life;
    text(request).then(
      body => {
        if (chance.happens('fails', FAIL_SHARE)) return response.writeHead(500).end();
        if (request.url?.startsWith('/deliver')) {
          const id = String(request.headers['ce-id']);
          if (refuses && Number.parseInt(id, 10) % 2 === 0) return response.writeHead(500).end();
          // Large ones come without their data.
          taken.push({ id, life: of });
          return response.writeHead(204).end();
        }
        const { n }: { n: number } = JSON.parse(body);
        return response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ doubled: 2 * n }));
      },
      () => response.destroy(),
    );
  });
  server.listen(0, '127.0.0.1');
  await new Promise(resolve => server.once('listening', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('it does not listen');
  return {
    url: `http://127.0.0.1:${address.port}`,
    taken,
    refuse(every) {
      refuses = every;
    },
    newLife: () => life++,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
