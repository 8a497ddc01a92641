// Sends a file of a page that is ready in compressed forms, in the form that the browser takes.
import type { Request, Response } from 'express';

export interface ReadyFile {
  readonly type: string;
  readonly plain: Buffer;
  readonly gzip: Buffer | undefined;
  readonly brotli: Buffer | undefined;
}

/** The name of a file that changes with its content, as the build makes it. */
const HASHED = /-[A-Z0-9]{8}\.[a-z]+$/;

/** For a path: kept for good where the name changes with the content, else as `otherwise` says. */
export function cachingOf(path: string, otherwise: string): string {
  return HASHED.test(path) ? 'public, max-age=31536000, immutable' : otherwise;
}

export function sendFile(request: Request, response: Response, file: ReadyFile, caching: string): void {
  const { type, plain, gzip, brotli } = file;
  response.setHeader('cache-control', caching);
  response.setHeader('vary', 'accept-encoding');
  const accepted = request.acceptsEncodings('br', 'gzip', 'identity');
  if (accepted === 'br' && brotli) response.setHeader('content-encoding', 'br').type(type).send(brotli);
  else if (accepted !== false && accepted !== 'identity' && gzip)
    response.setHeader('content-encoding', 'gzip').type(type).send(gzip);
  else response.type(type).send(plain);
}
