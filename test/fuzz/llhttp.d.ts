// What is used of Node's own HTTP parser, which has no types: it is no public API, and here it is
// what ours is compared with.
declare module 'node:_http_common' {
  type OnHead = (
    major: number,
    minor: number,
    fields: string[] | undefined,
    method: number,
    url: string | undefined,
    status: number,
  ) => number;

  export class HTTPParser {
    static readonly REQUEST: number;
    static readonly RESPONSE: number;
    static readonly kOnHeaders: number;
    static readonly kOnHeadersComplete: number;
    static readonly kOnBody: number;
    static readonly kOnMessageComplete: number;
    initialize(type: number, resource: object, maxHeaderSize: number, lenientFlags: number): void;
    [event: number]: OnHead | ((fields: string[], url: string) => void) | ((body: Buffer) => void) | (() => void);
    execute(bytes: Buffer): number | Error;
    finish(): Error | undefined;
  }
  export const methods: readonly string[];
}
