/**
 * Bytes of the heap that something still refers to.
 *
 * @throws TypeError unless Node was started with `--expose-gc`
 */
export const usedHeapBytes = (): number => {
  if (globalThis.gc === undefined) throw new TypeError('start Node with --expose-gc');
  // What the first one only finds, the second one frees.
  globalThis.gc();
  globalThis.gc();
  return process.memoryUsage().heapUsed;
};
