// The function: records what it gets, and tells the judge of deliveries.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { judgeEnds } from '../judge/ends.ts';
import { Judge } from '../judge/judge.ts';
import { type Judged, neverTried } from '../judge/judged.ts';
import { ATTEMPTS, type Call, type StoredEvent } from './protocol.ts';

export interface FunctionServer {
  readonly url: string;
  /** What was wrong with what it got. */
  readonly wrong: readonly string[];
  /** Calls so far. */
  readonly calls: number;
  /** An event is durable. */
  stored(event: StoredEvent): void;
  /** The process that calls was killed: each of its events may cost one attempt more. */
  killed(): void;
  /** Events that were neither handled nor have had all their attempts. */
  open(): readonly string[];
  /** What is wrong in the end, by what is dead. */
  ends(dead: readonly Dead[]): readonly string[];
  close(): void;
}

interface Dead {
  readonly partition: number;
  readonly offset: number;
  readonly attempts: number;
}

interface Known extends Judged {
  /** Of its lane. */
  readonly key: string;
}

/** `fails`: whether this attempt fails. */
export async function startFunctionServer(fails: (call: Call) => boolean): Promise<FunctionServer> {
  const known = new Map<string, Known>();
  const wrong: string[] = [];
  let kills = 0;
  let calls = 0;
  const judge = new Judge<Known>({
    attempts: ATTEMPTS,
    seesAll: true,
    witness: {
      // Dead letters are compared in the end.
      isOver: ({ failed }) => failed >= ATTEMPTS,
      moment: () => kills,
      takeOvers: (_, since) => kills - since,
      lives: () => 1,
    },
    report: ({ message }) => void wrong.push(message),
  });
  const nameOf = (partition: number, offset: number) => `${partition}/${offset}`;
  const learn = (partition: number, offset: number, key: string): Known => {
    const name = nameOf(partition, offset);
    const found = known.get(name);
    if (found) return found;
    const event: Known = { ...neverTried(), name: `${name} (${key})`, key };
    known.set(name, event);
    judge.appended(event, judge.laneOf(`${partition}/${key}`), offset);
    return event;
  };
  const answer = async (body: string): Promise<number[]> => {
    const life = kills;
    const begun = (JSON.parse(body) as Call[]).map(call => {
      const event = learn(call.partition, call.offset, call.key);
      // A call of a process that is dead holds up nobody.
      const waits = () => life === kills;
      return { call, judged: judge.begins(event, { by: '', attempt: call.attempt, waits }) };
    });
    calls += begun.length;
    await new Promise(resolve => setTimeout(resolve, 1 + (calls % 7)));
    return begun.map(({ call, judged }) => {
      const isFailure = fails(call);
      // Whether the answer still arrives is not known; only a kill can be in between.
      judge.ended(judged, {
        outcome: isFailure ? 'failed' : 'done',
        told: life === kills ? true : 'perhaps',
        counts: true,
      });
      return isFailure ? 503 : 200;
    });
  };
  const server = createServer((request, response) => {
    text(request)
      .then(answer)
      .then(
        statuses => response.end(JSON.stringify(statuses)),
        () => response.destroy(),
      );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    wrong,
    get calls() {
      return calls;
    },
    stored: ({ partition, offset, key }) => void learn(partition, offset, key),
    killed: () => void kills++,
    open: () => [...known].filter(([, event]) => !judge.isClosed(event)).map(([name]) => name),
    ends(dead) {
      const letters = new Map(dead.map(letter => [known.get(nameOf(letter.partition, letter.offset)), letter]));
      return judgeEnds([...known.values()], {
        attempts: ATTEMPTS,
        dead: event => letters.get(event),
        mayForget: (_, began) => kills > began,
        lives: () => 1,
      });
    },
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
