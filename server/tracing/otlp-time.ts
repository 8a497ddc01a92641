// Times as the package of OpenTelemetry takes them.

/** Seconds and nanoseconds of milliseconds since 1970. */
export function toHrTime(ms: number): [number, number] {
  const seconds = Math.floor(ms / 1000);
  return [seconds, Math.min(999_999_999, Math.round((ms - seconds * 1000) * 1e6))];
}
