// Sends one request over a transport and writes down what its receiver is told.
import type { Duplex } from 'node:stream';
import type { Transport, UpstreamControl, UpstreamRequest } from '../../../gateway/transport/transport.ts';

export interface Answered {
  status: number;
  fields: string[];
  body: string;
  error: (Error & { code?: string }) | undefined;
  socket: Duplex | undefined;
  control: UpstreamControl | undefined;
  began: boolean;
  ends: number;
}

export interface Watch {
  onStart?(control: UpstreamControl): void;
  onData?(control: UpstreamControl, chunk: Buffer): void;
}

/** Sends and collects; resolves at the end, whichever it is. */
export function sendTo(
  transport: Transport,
  request: Partial<UpstreamRequest> & { origin: string },
  watch: Watch = {},
) {
  const answered: Answered = {
    status: 0,
    fields: [],
    body: '',
    error: undefined,
    socket: undefined,
    control: undefined,
    began: false,
    ends: 0,
  };
  const chunks: Buffer[] = [];
  const done = new Promise<Answered>(resolve => {
    const end = () => {
      answered.ends++;
      answered.body = Buffer.concat(chunks).toString();
      resolve(answered);
    };
    transport.send(
      { path: '/', method: 'GET', headers: [], body: null, ...request },
      {
        onRequestStart(control) {
          answered.began = true;
          answered.control = control;
          watch.onStart?.(control);
        },
        onRequestUpgrade(_control, status, _headers, socket) {
          Object.assign(answered, { status, socket });
          end();
        },
        onResponseStart(control, status) {
          if (status < 200) return;
          const raw = control.rawHeaders;
          Object.assign(answered, { status, fields: Array.isArray(raw) ? raw.map(String) : [] });
        },
        onResponseData(control, chunk) {
          chunks.push(chunk);
          watch.onData?.(control, chunk);
        },
        onResponseEnd: end,
        onResponseError(_control, error) {
          answered.error = error;
          end();
        },
      },
    );
  });
  return Object.assign(done, { answered });
}
