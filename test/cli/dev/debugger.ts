// A debugger, by the protocol of V8's inspector, as editors speak it.
import { once } from 'node:events';
import { pathToFileURL } from 'node:url';

interface Paused {
  readonly file: string;
  /** From 1. */
  readonly line: number;
}

interface Debugger {
  send(method: string, params?: object): Promise<Record<string, unknown>>;
  /** `line`: from 1. */
  breakAt(file: string, line: number): Promise<void>;
  /** Resolves with the next place where it pauses, or at which it has paused already. */
  paused(): Promise<Paused>;
  /** Resolves when the other side has hung up. */
  readonly gone: Promise<unknown>;
  close(): void;
}

/** `address`: host and port, as `dev` prints it. */
export async function attach(address: string): Promise<Debugger> {
  const [target] = (await (await fetch(`http://${address}/json/list`)).json()) as [{ webSocketDebuggerUrl: string }];
  const socket = new WebSocket(target.webSocketDebuggerUrl);
  const answers = new Map<number, (result: Record<string, unknown>) => void>();
  const scripts = new Map<string, string>();
  const pauses: Paused[] = [];
  let waiting: ((paused: Paused) => void) | undefined;
  const gone = once(socket, 'close');
  socket.addEventListener('message', ({ data }) => {
    const { id, result, method, params } = JSON.parse(String(data));
    answers.get(id)?.(result ?? {});
    if (method === 'Debugger.scriptParsed') scripts.set(params.scriptId, params.url);
    if (method !== 'Debugger.paused') return;
    const [frame] = params.callFrames;
    const paused = { file: scripts.get(frame.location.scriptId) ?? '', line: frame.location.lineNumber + 1 };
    if (waiting) waiting(paused);
    else pauses.push(paused);
    waiting = undefined;
  });
  await once(socket, 'open');
  let ids = 0;
  const send: Debugger['send'] = (method, params = {}) =>
    new Promise(resolve => {
      const id = ++ids;
      answers.set(id, resolve);
      socket.send(JSON.stringify({ id, method, params }));
    });
  await send('Runtime.enable');
  await send('Debugger.enable');
  return {
    send,
    async breakAt(file, line) {
      await send('Debugger.setBreakpointByUrl', { url: pathToFileURL(file).href, lineNumber: line - 1 });
    },
    paused: () =>
      new Promise(resolve => {
        const before = pauses.shift();
        if (before) resolve(before);
        else waiting = resolve;
      }),
    gone,
    close: () => socket.close(),
  };
}
