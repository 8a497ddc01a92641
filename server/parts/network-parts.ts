// The connections that a platform opens by itself: to the urls of resources, and to the
// addresses that callers name.
import { networkInterfaces } from 'node:os';
import { checkNever, createAddressCheck } from '../../gateway/transport/address-policy.ts';
import { createCallbackCheck } from '../../gateway/transport/callback-policy.ts';
import { createTransport } from '../../gateway/transport/create-transport.ts';
import type { PlatformPart } from './platform-part.ts';

/** The same as the default of `timeouts.connect`, so that routes share connections. */
const CONNECT_TIMEOUT_MS = 2_000;

export const outgoingConnections: PlatformPart<'options', 'checkAddress' | 'transport'> = {
  name: 'outgoing connections',
  start({ options: { allowLoopback, allowedAddresses, cluster } }) {
    const checkAddress = createAddressCheck({
      allowLoopback: allowLoopback ?? cluster === undefined,
      own: Object.values(networkInterfaces()).flatMap((all = []) => all.map(({ address }) => address)),
      apiServer: cluster?.apiServer,
      allowed: allowedAddresses,
    });
    return { checkAddress, transport: createTransport({ checkAddress, connectTimeoutMs: CONNECT_TIMEOUT_MS }) };
  },
  stop: ({ transport }) => transport.destroy(),
};

export const callbackConnections: PlatformPart<'options' | 'checkAddress', 'callbacks' | 'checkCallback'> = {
  name: 'connections of callbacks',
  start({ options, checkAddress }) {
    const checkCallback = createCallbackCheck(checkAddress, checkNever, options.callbackHosts ?? []);
    const callbacks = createTransport({ checkAddress: checkCallback, connectTimeoutMs: CONNECT_TIMEOUT_MS });
    return { checkCallback, callbacks };
  },
  stop: ({ callbacks }) => callbacks.destroy(),
};
