// Bench room. The entry of `npm run bench -- <scenario>`: the one file here that reads the environment. The last
// line it prints is one JSON object; a full run also leaves a page in bench/results.
import { mkdirSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stateFolder } from '@fairmeter/platform/embedded';
import { readSettings, type Settings } from '../apps/cli/src/settings.js';
import { withState } from '../apps/cli/src/stack/with-state.js';
import { createTerminal } from '../apps/cli/src/terminal/terminal.js';
import { auth } from './scenarios/auth.js';
import { compensate } from './scenarios/compensate.js';
import { job } from './scenarios/job.js';
import { ledger } from './scenarios/ledger.js';
import type { Scenario, ScenarioResult } from './scenarios/scenario.js';
import { submit } from './scenarios/submit.js';
import { subscriptions } from './scenarios/subscriptions.js';

const SCENARIOS: Readonly<Record<string, Scenario>> = { auth, compensate, job, ledger, submit, subscriptions };

// From bench/dist/bench/main.js up to the checkout.
const CHECKOUT = resolve(fileURLToPath(new URL('../../../', import.meta.url)));

const SIZES = ['--quick', '--long'] as const;
type Size = (typeof SIZES)[number] | undefined;
/** Others have one size, which is long enough. */
const LONG: readonly string[] = ['subscriptions'];

interface Wish {
  readonly name: string;
  readonly scenario: Scenario;
  readonly size: Size;
}

function readWish(args: readonly string[]): Wish | undefined {
  const [name, ...flags] = args;
  const scenario = name !== undefined && Object.hasOwn(SCENARIOS, name) ? SCENARIOS[name] : undefined;
  const [flag, ...more] = flags;
  const size = SIZES.find((one) => one === flag);
  if (name === undefined || scenario === undefined || more.length > 0 || size !== flag) return undefined;
  return size === '--long' && !LONG.includes(name) ? undefined : { name, scenario, size };
}

function benchSettings(): Settings {
  const settings = readSettings(process.env, CHECKOUT, homedir());
  // Ports that a person set are for the stack, which may be running beside this.
  return { ...settings, servers: { ...settings.servers, ports: {} } };
}

function writePage({ name, result, day }: { name: string; result: ScenarioResult; day: string }): string {
  const folder = join(CHECKOUT, 'bench', 'results');
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${day}-${name}.md`);
  writeFileSync(
    file,
    [`# ${name}, ${day}`, '', ...result.page, '', '```json', JSON.stringify(result.summary), '```', ''].join('\n'),
  );
  return `bench/results/${day}-${name}.md`;
}

async function main(): Promise<number> {
  const terminal = createTerminal(process.stdout);
  const wish = readWish(process.argv.slice(2));
  if (wish === undefined) {
    terminal.line(
      `usage: npm run bench -- <scenario> [--quick | --long]; scenarios: ${Object.keys(SCENARIOS).join(', ')}`,
    );
    return 2;
  }
  const settings = benchSettings();
  const result = await withState(
    {
      folder: stateFolder(settings.stateRoot, 'bench'),
      purpose: 'npm run bench',
      terminal,
      signals: process,
      fresh: true,
      exitNow: (code) => process.exit(code),
    },
    (state) =>
      wish.scenario({ state, settings, terminal, quick: wish.size === '--quick', long: wish.size === '--long' }),
  );
  if (wish.size !== '--quick') {
    const day = new Date().toISOString().slice(0, 10);
    const name = wish.size === '--long' ? `${wish.name}-long` : wish.name;
    terminal.line(`written to ${writePage({ name, result, day })}`);
  }
  terminal.line(JSON.stringify(result.summary));
  return 0;
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  // A bench that broke off has connections open that nobody will close any more.
  process.exit(1);
}
