// Types of payload.mjs.
export const order: Readonly<Record<string, unknown>>;
