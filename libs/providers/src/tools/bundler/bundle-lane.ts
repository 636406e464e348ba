// Providers room, tools. One bundle at a time in this process, so that whoever runs when the bundler dies or hangs is
// the one that did it. It runs as a process of its own: a crash there is an answer here.
import type { BuildOptions, BuildResult, Message } from 'esbuild';
import { build, stop } from 'esbuild';

export type Bundled =
  | { readonly kind: 'bundled'; readonly outputs: readonly BundledFile[]; readonly warnings: readonly Message[] }
  | { readonly kind: 'refused'; readonly errors: readonly Message[]; readonly warnings: readonly Message[] }
  | { readonly kind: 'timed_out' }
  | { readonly kind: 'tool_crashed' };

export interface BundledFile {
  readonly path: string;
  readonly contents: Uint8Array;
}

let lane: Promise<unknown> = Promise.resolve();

export async function bundle(options: BuildOptions, milliseconds: number): Promise<Bundled> {
  const turn = lane.then(async () => runOne(options, milliseconds));
  // A turn never throws, but the lane must not depend on that.
  lane = turn.catch(() => undefined);
  return turn;
}

/** Ends the bundler's process, which the next bundle starts anew. For tests, and for a worker that shuts down. */
export async function stopBundler(): Promise<void> {
  await lane;
  await stop();
}

async function runOne(options: BuildOptions, milliseconds: number): Promise<Bundled> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Bundled>((resolve) => {
    timer = setTimeout(() => {
      resolve({ kind: 'timed_out' });
    }, milliseconds);
  });
  const came = await Promise.race([tried(options), late]);
  clearTimeout(timer);
  // A process that died or hangs is forgotten; without this every later build would fail too.
  if (came.kind === 'timed_out' || came.kind === 'tool_crashed') await stop();
  return came;
}

async function tried(options: BuildOptions): Promise<Bundled> {
  try {
    const { outputFiles, warnings } = await build({ ...options, write: false });
    const outputs = outputFiles.map(({ path, contents }) => ({ path, contents }));
    return { kind: 'bundled', outputs, warnings };
  } catch (error) {
    return isRefusal(error)
      ? { kind: 'refused', errors: error.errors, warnings: error.warnings }
      : { kind: 'tool_crashed' };
  }
}

function isRefusal(error: unknown): error is Pick<BuildResult, 'errors' | 'warnings'> {
  return error instanceof Error && 'errors' in error && Array.isArray(error.errors) && error.errors.length > 0;
}
