// The shared parts of all invocations of this process: name, log, trace, and the client for the
// internal listener.
import { childContext, formatTraceparent, functionSpanId, parseTraceparent } from '../core/trace-context.ts';
import { readTracestate } from '../core/tracing/tracestate.ts';
import { KEY_HEADER } from '../core/wire.ts';
import { createHttpTransport } from '../sdk/client/http-transport.ts';
import { withRepeats } from '../sdk/client/repeats.ts';
import type { Transport } from '../sdk/client/transport.ts';
import type { InvocationHost } from '../sdk/kernel/invocation.ts';
import { createKeyFile } from './key-file.ts';
import type { ProcessLog } from './log.ts';
import type { Settings } from './settings.ts';

/** To the internal listener, without repeats; undefined where the process does not know it. */
export function createInternalTransport({
  internalUrl: url,
  internalKey,
  internalKeyFile,
}: Settings): Transport | undefined {
  if (url === undefined) return undefined;
  const value = internalKeyFile === undefined ? () => internalKey : createKeyFile(internalKeyFile);
  return createHttpTransport({ url, keyHeader: { name: KEY_HEADER, value } });
}

export function createInvocationHost(settings: Settings, log: ProcessLog): InvocationHost {
  let transport: Transport | undefined;
  return {
    functionName: settings.functionName,
    log,
    listenerHoldsTime: settings.inspected,
    transport() {
      if (transport) return transport;
      const plain = createInternalTransport(settings);
      if (plain === undefined) {
        throw new Error(
          'This process does not know the internal listener: set TENFOLD_INTERNAL_URL (and TENFOLD_INTERNAL_KEY, or TENFOLD_INTERNAL_KEY_FILE).',
        );
      }
      transport = withRepeats(plain);
      return transport;
    },
    traceOf(headers) {
      const caller = parseTraceparent(textOf(headers['traceparent']));
      const context = caller ? { ...caller, spanId: functionSpanId(caller.spanId) } : childContext(undefined);
      const { traceId, spanId } = context;
      const state = caller && readTracestate(textOf(headers['tracestate']));
      const trace = { traceId, spanId, traceparent: formatTraceparent(context) };
      return state === undefined ? trace : { ...trace, tracestate: state };
    },
  };
}

function textOf(header: string | readonly string[] | undefined): string | undefined {
  return typeof header === 'string' ? header : undefined;
}
