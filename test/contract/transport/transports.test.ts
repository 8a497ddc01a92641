// Both transports under the contract.
import { createAddressCheck } from '../../../gateway/transport/address-policy.ts';
import { createHttp1Transport } from '../../../gateway/transport/http1/http1-transport.ts';
import { createUndiciTransport } from '../../../gateway/transport/undici-transport.ts';
import { reuseContract } from './reuse-contract.ts';
import { streamingContract } from './streaming-contract.ts';
import { transportContract } from './transport-contract.ts';

const options = { checkAddress: createAddressCheck({ allowLoopback: true }), connectTimeoutMs: 1000 };

const transports = {
  undici: () => createUndiciTransport(options),
  'own connections': () => createHttp1Transport({ ...options, secure: createUndiciTransport(options) }),
};
for (const [name, create] of Object.entries(transports)) {
  transportContract(name, create);
  streamingContract(name, create);
  reuseContract(name, create);
}
