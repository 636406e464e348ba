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
