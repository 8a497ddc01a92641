// How long work computes, for tests of what hostile input may cost: a busy machine makes it wait,
// and waiting does not count.

/** Of this thread alone, in milliseconds of processor time. What `work` throws comes through. */
export function computingMs(work: () => void): number {
  const began = process.threadCpuUsage();
  work();
  const { user, system } = process.threadCpuUsage(began);
  return (user + system) / 1000;
}
