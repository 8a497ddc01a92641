// The shared parts of all invocations of this process: name, log, trace, and the client for the
// internal listener.
import { childContext, formatTraceparent, parseTraceparent } from '../core/trace-context.ts';
import { KEY_HEADER } from '../core/wire.ts';
import { createHttpTransport } from '../sdk/client/http-transport.ts';
import { withRepeats } from '../sdk/client/repeats.ts';
import type { Transport } from '../sdk/client/transport.ts';
import type { InvocationHost } from '../sdk/kernel/invocation.ts';
import { createKeyFile } from './key-file.ts';
import type { ProcessLog } from './log.ts';
import type { Settings } from './settings.ts';

export function createInvocationHost(settings: Settings, log: ProcessLog): InvocationHost {
  let transport: Transport | undefined;
  return {
    functionName: settings.functionName,
    log,
    transport() {
      const { internalUrl, internalKey, internalKeyFile } = settings;
      if (internalUrl === undefined) {
        throw new Error(
          'This process does not know the internal listener: set TENFOLD_INTERNAL_URL (and TENFOLD_INTERNAL_KEY, or TENFOLD_INTERNAL_KEY_FILE).',
        );
      }
      if (transport) return transport;
      const keyOf = internalKeyFile === undefined ? () => internalKey : createKeyFile(internalKeyFile);
      transport = withRepeats(createHttpTransport({ url: internalUrl, keyHeader: { name: KEY_HEADER, value: keyOf } }));
      return transport;
    },
    traceOf(headers) {
      const header = headers['traceparent'];
      const context = childContext(parseTraceparent(typeof header === 'string' ? header : undefined));
      return { traceId: context.traceId, spanId: context.spanId, traceparent: formatTraceparent(context) };
    },
  };
}
