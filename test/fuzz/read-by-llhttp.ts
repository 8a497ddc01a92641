// What llhttp, the parser of node:http, makes of bytes.
import { HTTPParser, methods } from 'node:_http_common';

export interface MessageRead {
  readonly method: string;
  readonly url: string;
  readonly httpVersionMajor: number;
  readonly httpVersionMinor: number;
  readonly status: number;
  /** Name and value in turn. */
  readonly rawHeaders: string[];
  body: string;
  isWhole: boolean;
}

/** All messages that begin in `bytes`, up to the first that is refused. */
export function readByLlhttp(kind: 'request' | 'response', bytes: Buffer): MessageRead[] {
  const messages: MessageRead[] = [];
  const parser = new HTTPParser();
  let early: string[] = [];
  let earlyUrl = '';
  parser.initialize(kind === 'request' ? HTTPParser.REQUEST : HTTPParser.RESPONSE, {}, 65_536, 0);
  parser[HTTPParser.kOnHeaders] = (fields: string[], url: string) => {
    early.push(...fields);
    earlyUrl += url;
  };
  parser[HTTPParser.kOnHeadersComplete] = (major, minor, fields, method, url, status) => {
    const rawHeaders = [...early, ...(fields ?? [])];
    const target = earlyUrl + (url ?? '');
    const version = { httpVersionMajor: major, httpVersionMinor: minor };
    messages.push({
      method: methods[method] ?? '',
      url: target,
      ...version,
      status,
      rawHeaders,
      body: '',
      isWhole: false,
    });
    early = [];
    earlyUrl = '';
    return 0;
  };
  parser[HTTPParser.kOnBody] = (body: Buffer) => {
    const last = messages.at(-1);
    if (last) last.body += body.toString('latin1');
  };
  parser[HTTPParser.kOnMessageComplete] = () => {
    const last = messages.at(-1);
    if (last) last.isWhole = true;
  };
  if (typeof parser.execute(bytes) === 'number') parser.finish();
  return messages;
}
