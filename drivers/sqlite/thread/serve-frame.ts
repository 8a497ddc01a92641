// Runs the requests of one frame in a thread: each by its module's handler, each with an
// outcome of its own in the reply.
import { type Code, errorCodes, TenfoldError } from '../../../core/errors.ts';
import { ByteReader, ByteWriter } from '../bytes.ts';
import { concernsFile, explain, isCorruption } from '../sqlite-error.ts';
import { FAILED, OK } from './messages.ts';

/**
 * Handles the request with that module number; what it writes to `reply` is dropped when it throws.
 */
export type Handle = (module: number, request: ByteReader, reply: ByteWriter) => void;

/** `isFatal`: whether an error concerns the whole frame, which is then thrown. */
export function serveFrame(
  frame: ByteReader,
  handle: Handle,
  file: string,
  isFatal: (error: unknown) => boolean,
): ByteWriter {
  const reply = new ByteWriter();
  reply.u8(OK);
  const count = frame.u32();
  for (let index = 0; index < count; index++) {
    const module = frame.u8();
    const request = new ByteReader(frame.sized());
    const start = reply.length;
    reply.u8(OK);
    const sizeAt = reply.reserveU32();
    try {
      handle(module, request, reply);
      reply.setU32(sizeAt, reply.length - sizeAt - 4);
    } catch (error) {
      if (isFatal(error)) throw error;
      reply.truncate(start);
      writeFailure(reply, error, file);
    }
  }
  return reply;
}

/** Nothing of the frame has happened. */
export function failedFrame(error: unknown, file: string): ByteWriter {
  const reply = new ByteWriter();
  writeFailure(reply, error, file);
  return reply;
}

/** No code: the one that the module's driver uses for what may be tried again. */
function writeFailure(reply: ByteWriter, error: unknown, file: string): void {
  reply.u8(FAILED);
  reply.text(codeOf(error));
  reply.text(explain(error, file));
}

function codeOf(error: unknown): Code | null {
  if (error instanceof TenfoldError) return error.code;
  if (isCorruption(error)) return 'data-corrupt';
  return concernsFile(error) ? null : 'internal';
}

/** Reads what `writeFailure` wrote. */
export function readFailure(reply: ByteReader, unavailable: Code): TenfoldError {
  const code = reply.textOrNull();
  return new TenfoldError(code !== null && isCode(code) ? code : unavailable, reply.text());
}

function isCode(text: string): text is Code {
  return text in errorCodes;
}
