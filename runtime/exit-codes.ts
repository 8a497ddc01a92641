// The exit codes of the process and their reasons; sysexits(3) numbers where one fits.

export const exitCodes = {
  /** Asked to end, and drained. */
  drained: 0,
  /** The function's code crashed outside a request. */
  crashed: 1,
  /** The address cannot be listened on (EX_UNAVAILABLE). */
  cannotListen: 69,
  /** The function's module does not load, or exports no function (EX_SOFTWARE). */
  loadFailed: 70,
  /** A setting is missing or wrong (EX_CONFIG). */
  badSettings: 78,
} as const;
