// What Docker may not give to a container, as the platform's pods have it.
export const RESTRICTED = [
  '--read-only',
  ...['--tmpfs', '/tmp'],
  ...['--cap-drop', 'ALL'],
  ...['--security-opt', 'no-new-privileges'],
];
