// Test harness. Waiting for what comes by itself: looks again and again, and says what it last saw when time is up.
const LOOK_EVERY_MS = 25;

export async function until<T>(look: () => Promise<T>, seen: (value: T) => boolean, withinMs = 15_000): Promise<T> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const value = await look();
    if (seen(value)) return value;
    if (Date.now() > deadline) throw new Error(`not seen within ${withinMs} ms; last ${JSON.stringify(value)}`);
    await pause(LOOK_EVERY_MS);
  }
}

export async function pause(milliseconds: number): Promise<void> {
  await new Promise((resume) => setTimeout(resume, milliseconds));
}

/**
 * How long something took in the time that this process had: what a machine that stands still for seconds takes away
 * from the asker and the asked alike counts as one look.
 */
export async function livedDuring<T>(work: () => Promise<T>): Promise<{ readonly value: T; readonly livedMs: number }> {
  let looks = 0;
  const looking = setInterval(() => (looks += 1), LOOK_EVERY_MS);
  try {
    return { value: await work(), livedMs: looks * LOOK_EVERY_MS };
  } finally {
    clearInterval(looking);
  }
}
