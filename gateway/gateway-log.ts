// The gateway's log for the people who operate it.

/** One line of the gateway's own log: decisions worth knowing, with their evidence. */
export type GatewayLog = (
  level: 'info' | 'warn' | 'error',
  message: string,
  fields: Readonly<Record<string, unknown>>,
) => void;
