// Messages from a function's process to its host, as far as they make sense: the function's own
// code may send them.
import type { LoadFailure } from './instance.ts';

export type HostMessage =
  | { readonly type: 'debugger'; readonly port: number }
  | {
      readonly type: 'described';
      readonly index: number;
      readonly loads: boolean;
      readonly routes: readonly string[] | undefined;
    }
  | { readonly type: 'ready'; readonly port: number; readonly files: readonly string[] }
  | { readonly type: 'files'; readonly files: readonly string[] }
  | { readonly type: 'failed'; readonly error: LoadFailure; readonly files: readonly string[] };

/** Undefined for what the runtime does not say. */
export function parseHostMessage(message: unknown): HostMessage | undefined {
  if (!isObject(message)) return undefined;
  const { type, port, index } = message;
  if (type === 'described') {
    if (typeof index !== 'number') return undefined;
    const routes = message['routes'] === undefined ? undefined : textsOf(message['routes']);
    return { type, index, loads: message['loads'] === true, routes };
  }
  if (type === 'files') return { type, files: textsOf(message['files']) };
  if (type === 'ready' || type === 'debugger') {
    const isPort = typeof port === 'number' && Number.isInteger(port) && port > 0 && port <= 65_535;
    if (!isPort) return undefined;
    return type === 'debugger' ? { type, port } : { type, port, files: textsOf(message['files']) };
  }
  if (type !== 'failed' || !isObject(message['error'])) return undefined;
  return { type, error: toFailure(message['error']), files: textsOf(message['error']['files']) };
}

function toFailure(error: Readonly<Record<string, unknown>>): LoadFailure {
  const texts = ['stack', 'file', 'frame'].filter(name => typeof error[name] === 'string');
  const numbers = ['line', 'column'].filter(name => Number.isSafeInteger(error[name]));
  const known = Object.fromEntries([...texts, ...numbers].map(name => [name, error[name]]));
  return { ...known, message: typeof error['message'] === 'string' ? error['message'] : 'it does not load' };
}

function textsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter(one => typeof one === 'string') : [];
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
