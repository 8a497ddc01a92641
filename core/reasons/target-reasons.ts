// Reasons that lie with the target of a request: a function, an address, or a part of an aggregate.
import type { ReasonFacts } from './reason-facts.ts';

const ITS_LOG = "read the target's own log, and look at its load";
const ITS_ADDRESS = 'check the address in the resource, and whether the target runs';
const ITS_CERTIFICATE = 'renew or correct the certificate of the target';

export const targetReasons = {
  'breaker.open': { level: 'warn', means: 'The circuit breaker of the target is open', next: ITS_LOG },
  'health.failing': { level: 'warn', means: 'The health checks of the target fail', next: ITS_LOG },
  'split.empty': { level: 'error', means: 'All targets of the split fail', next: 'read the logs of the targets' },
  'function.unknown': {
    level: 'warn',
    means: 'No function has this name',
    next: 'declare the function, or correct the name',
  },
  'function.off': {
    level: 'warn',
    means: 'The function is switched off (0 replicas)',
    next: 'scale the function up, or take its route away',
  },
  'function.crashed': { level: 'error', means: 'The function does not start', next: "read the function's own log" },
  'function.slow-start': {
    level: 'error',
    means: 'The function has not started in time',
    next: 'see what its start waits for: node, image or code',
  },
  'function.starting': {
    level: 'warn',
    means: 'The provider of the function did not reach it; the function may be starting',
    next: 'nothing, if it passes',
  },
  'function.stopping': { level: 'warn', means: 'The function is being stopped', next: 'nothing, if it passes' },
  'function.hung': {
    level: 'error',
    means: 'The process of the function hung and was replaced',
    next: "find the code that blocks the function's event loop",
  },
  'upstream.refused': { level: 'error', means: 'The target refuses connections', next: ITS_ADDRESS },
  'upstream.unresolved': {
    level: 'error',
    means: 'The host name of the target cannot be resolved',
    next: 'check the name in the resource, and DNS',
  },
  'upstream.unreachable': {
    level: 'error',
    means: 'There is no way to the target in the network',
    next: 'check the address, routes and network policies',
  },
  'upstream.connect-timeout': {
    level: 'error',
    means: 'The target did not take the connection in time',
    next: 'check the address, firewalls and the load of the target',
  },
  'upstream.reset': {
    level: 'error',
    means: 'The target ended the connection without a complete answer',
    next: ITS_LOG,
  },
  'upstream.invalid': { level: 'error', means: 'The target answered with something that is not valid', next: ITS_LOG },
  'upstream.header-too-large': {
    level: 'error',
    means: 'The head of the answer is too large',
    next: 'let the target send smaller headers',
  },
  'upstream.too-large': {
    level: 'error',
    means: 'The answer is larger than its reader takes',
    next: 'let the target answer with less',
  },
  'upstream.address-forbidden': {
    level: 'error',
    means: 'The target has an address that this installation may not connect to',
    next: 'correct the address, or what its name resolves to',
  },
  'upstream.unsendable': {
    level: 'error',
    means: 'The request cannot be written as HTTP',
    next: 'look at the rewrites and headers of the route',
  },
  'upstream.timeout': { level: 'error', means: 'The target did not answer within the time limit', next: ITS_LOG },
  'upstream.silent': { level: 'error', means: 'The answer began, and its rest did not come', next: ITS_LOG },
  'tls.expired': {
    level: 'error',
    means: 'The certificate of the target has expired',
    next: 'renew the certificate of the target',
  },
  'tls.not-yet-valid': {
    level: 'error',
    means: 'The certificate of the target is not valid yet',
    next: 'check the certificate, and the clock of this machine',
  },
  'tls.unknown-issuer': {
    level: 'error',
    means: 'The certificate of the target is self-signed, or of an issuer that is not trusted',
    next: 'let the target send the whole chain, or trust its issuer with `NODE_EXTRA_CA_CERTS`',
  },
  'tls.host-name': {
    level: 'error',
    means: 'The certificate of the target is for another host name',
    next: 'call the target by a name of its certificate',
  },
  'tls.certificate': {
    level: 'error',
    means: 'The certificate of the target cannot be used for another reason',
    next: ITS_CERTIFICATE,
  },
  'tls.handshake': {
    level: 'error',
    means: 'The target does not speak TLS, or no version or cipher that both know',
    next: 'check scheme and port of the address',
  },
  'aggregate.part': {
    level: 'error',
    means: 'A part that the aggregate needs has no answer',
    next: 'see `parts` of the problem and the metrics of the part',
  },
} as const satisfies Record<string, ReasonFacts>;
