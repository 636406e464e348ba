// Simulation. The entry behind `npm run simulate`, which says where state is kept. A failure ends with the seed and the
// command that repeats it, and leaves the data folder where it is said.
import { rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { resetState, stateFolder } from '@fairmeter/platform/embedded';
import { InterruptedError } from '../../apps/cli/src/stack/interruption.js';
import { withState } from '../../apps/cli/src/stack/with-state.js';
import { createTerminal } from '../../apps/cli/src/terminal/terminal.js';
import { readWish, USAGE } from './wish.js';
import { OwnPostgres } from './servers/own-postgres.js';
import { simulate } from './simulate.js';

// From test/simulation/dist/test/simulation/main.js up to the checkout.
const CHECKOUT = resolve(fileURLToPath(new URL('../../../../../', import.meta.url)));
const WRITER_MAIN = fileURLToPath(new URL('writers/process.main.js', import.meta.url));

async function main(): Promise<number> {
  const terminal = createTerminal(process.stdout);
  const [stateRoot, ...args] = process.argv.slice(2);
  const wish = readWish(args);
  if (wish === undefined || stateRoot === undefined) {
    terminal.line(USAGE);
    return 2;
  }
  const { seed, rounds, crash } = wish;
  // Of the seed alone: two seeds may run side by side.
  const folder = stateFolder(join(stateRoot, `simulation-${seed}`), 'test');
  const frame = { folder, purpose: 'npm run simulate', terminal, signals: process, fresh: true };
  try {
    await withState({ ...frame, exitNow: (code) => process.exit(code) }, async (state) =>
      simulate({
        postgres: await OwnPostgres.start(state),
        checkout: CHECKOUT,
        seed,
        rounds,
        ...(crash ? { writerMain: WRITER_MAIN } : {}),
        say: (line) => terminal.line(line),
      }),
    );
  } catch (error) {
    // Callers are still at work, and there is nothing left for them to ask.
    if (error instanceof InterruptedError) process.exit(130);
    terminal.line(error instanceof Error ? (error.stack ?? error.message) : String(error));
    terminal.line(`seed ${seed} failed; its data is in ${folder.root}. Repeat it with:`);
    terminal.line(`  npm run simulate -- --seed ${seed} --rounds ${rounds}${crash ? ' --crash' : ''}`);
    return 1;
  }
  await resetState(folder);
  rmSync(folder.root, { recursive: true, force: true });
  terminal.line(`seed ${seed} holds after ${rounds} rounds${crash ? ' with a kill in each' : ''}`);
  return 0;
}

process.exitCode = await main();
