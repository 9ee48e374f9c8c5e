/**
 * Waits for what comes in its own time, asking every few milliseconds: resolves with the first value that is neither undefined
 * nor false, and fails after `withinMs` with what was waited for.
 */
export async function until<T>(what: string, look: () => T | undefined | false | Promise<T | undefined | false>, withinMs = 20_000): Promise<T> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    if (performance.now() > deadline) throw new Error(`waited ${withinMs} ms in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
