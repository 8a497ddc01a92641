// In how many ways a client asks for a job, whichever kind it is of: what is
// below its address, and how.
export const waysToAsk: readonly (readonly [what: string, below: string, init: RequestInit])[] = [
  ['its state', '', {}],
  ['its end', '?wait=1s', {}],
  ['its result', '/result', {}],
  ['its stream', '', { headers: { accept: 'text/event-stream' } }],
  ['cancelling it', '', { method: 'DELETE' }],
];
